# Headers that most files of a target read, compiled once for it: of tests always, of modules where asked for. (Optimised
# modules do without: g++ 12 warns of its own headers when they come precompiled.) That a public header includes Eigen itself
# is a house rule (tests/house/includes.py).
option(DRIFTWOOD_PRECOMPILE "precompile Eigen for the modules that use it" OFF)

# driftwood_precompile(<target> <module> <header>...): the headers, and Eigen's for the modules that work with it; where there
# are enough files to gain by it.
function(driftwood_precompile target module)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources n_sources)
  if(n_sources LESS 6)
    return()
  endif()
  set(headers ${ARGN})
  if(module MATCHES "^(fp|fp_solver|analysis|store|app|ensemble)$")
    list(APPEND headers <Eigen/Core> <Eigen/Cholesky>)
  endif()
  if(headers)
    target_precompile_headers(${target} PRIVATE ${headers})
  endif()
endfunction()

# driftwood_install(<target>): a library of the package that find_package(driftwood) finds, with its headers.
function(driftwood_install target)
  install(TARGETS ${target} EXPORT driftwood
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
    FILE_SET alone DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
endfunction()

# driftwood_module(<name> [DEPENDS <target>...])
#
# One room of the house: the sources in src/<name>/ and its folders become the static library driftwood_<name>. A module sees only the
# headers of the libraries it names in DEPENDS plus include/driftwood, so a library (MPI, PETSc, HDF5) that is not named
# cannot be included.
function(driftwood_module name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp
    ${PROJECT_SOURCE_DIR}/src/${name}/*/*.cpp)
  if(sources)
    add_library(driftwood_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(driftwood_${name} PRIVATE driftwood_build_flags)
    if(DRIFTWOOD_PRECOMPILE)
      driftwood_precompile(driftwood_${name} ${name})
    endif()
  else()
    add_library(driftwood_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(driftwood_${name} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
  target_link_libraries(driftwood_${name} ${scope} ${arg_DEPENDS})
  # The doors of the room: each compiles alone. A source of the same name shows it by including its header first (a house
  # rule); all_verify_interface_header_sets compiles those that have none.
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/driftwood/${name}/*.hpp)
  set(alone ${headers})
  foreach(header ${headers})
    get_filename_component(stem ${header} NAME_WE)
    if(EXISTS ${PROJECT_SOURCE_DIR}/src/${name}/${stem}.cpp)
      list(REMOVE_ITEM alone ${header})
    endif()
  endforeach()
  list(REMOVE_ITEM headers ${alone})
  target_sources(driftwood_${name}
    ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${headers}
    ${scope} FILE_SET alone TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${alone})
  set_target_properties(driftwood_${name} PROPERTIES EXPORT_NAME ${name}
    VERIFY_INTERFACE_HEADER_SETS ON INTERFACE_HEADER_SETS_TO_VERIFY alone)
  driftwood_install(driftwood_${name})
  file(GLOB inlined CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/driftwood/${name}/*.inl)
  install(FILES ${inlined} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/driftwood/${name} COMPONENT development)
endfunction()

# Flags of our own code only: warnings, errors, sanitizers. Never exported to users of the libraries.
# The address sanitizer sees bad pointers; the undefined-behaviour sanitizer's checks of every pointer for null, alignment and
# object size would double the time that templates take to compile.
set(sanitizers -fsanitize=address,undefined -fno-sanitize=null,alignment,object-size)
add_library(driftwood_build_flags INTERFACE)
target_compile_options(driftwood_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  # What a file's own names shadow is for the builds that compile it alone.
  $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow>
  # g++ 12 sees overlaps that are not there in std::string (GCC bug 105651).
  -Wno-restrict
  # The compiler must not choose where to fuse multiply-adds: replicas are bit-identical on every machine.
  -ffp-contract=off
  $<$<BOOL:${DRIFTWOOD_WERROR}>:-Werror>
  $<$<BOOL:${DRIFTWOOD_SANITIZE}>:${sanitizers};-fno-omit-frame-pointer>)
# MPI's C bindings only: the C++ ones are deprecated and slow to compile.
target_compile_definitions(driftwood_build_flags INTERFACE OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX)
target_link_options(driftwood_build_flags INTERFACE
  $<$<BOOL:${DRIFTWOOD_SANITIZE}>:${sanitizers}>)
