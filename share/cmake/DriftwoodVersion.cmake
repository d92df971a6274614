# Version and git commit for `driftwood --version` and the result files' provenance.
#
# include(DriftwoodVersion) after the module `app` exists: adds the target driftwood_version, which looks at git in every
# build and rewrites driftwood_version.hpp only where something changed. Without git, or outside a clone, the commit is
# "unknown". The same file, run as a script (cmake -P), does the looking.
if(CMAKE_SCRIPT_MODE_FILE)
  set(commit unknown)
  find_program(GIT_EXECUTABLE git)
  if(GIT_EXECUTABLE AND EXISTS ${SOURCE_DIR}/.git)
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE_DIR} rev-parse HEAD
      OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      set(commit ${head})
      execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE_DIR} diff --quiet HEAD -- src include CMakeLists.txt
        ERROR_QUIET RESULT_VARIABLE changed)
      if(changed)
        string(APPEND commit "-modified")
      endif()
    endif()
  endif()
  set(text "#pragma once\n\n#define DRIFTWOOD_VERSION \"${VERSION}\"\n#define DRIFTWOOD_GIT_COMMIT \"${commit}\"\n")
  set(previous "")
  if(EXISTS ${OUTPUT})
    file(READ ${OUTPUT} previous)
  endif()
  if(NOT previous STREQUAL text)
    file(WRITE ${OUTPUT} "${text}")
  endif()
  return()
endif()

set(driftwood_version_folder ${PROJECT_BINARY_DIR}/generated)
add_custom_target(driftwood_version
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
          -DOUTPUT=${driftwood_version_folder}/driftwood_version.hpp -P ${CMAKE_CURRENT_LIST_FILE}
  BYPRODUCTS ${driftwood_version_folder}/driftwood_version.hpp
  COMMENT "Looking at the git commit"
  VERBATIM)
add_dependencies(driftwood_app driftwood_version)
target_include_directories(driftwood_app PRIVATE ${driftwood_version_folder})
