# What `cmake --install` puts where, besides program, libraries and headers: the CMake package, the man page, bash completion, an
# environment module, documentation, examples, job scripts.
include(CMakePackageConfigHelpers)

foreach(target random123 hdf5 build_flags numerics)
  set_target_properties(driftwood_${target} PROPERTIES EXPORT_NAME ${target})
  install(TARGETS driftwood_${target} EXPORT driftwood)
endforeach()
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/driftwood)
install(EXPORT driftwood NAMESPACE driftwood:: FILE driftwoodTargets.cmake DESTINATION ${package_folder}
  COMPONENT development)
configure_package_config_file(${PROJECT_SOURCE_DIR}/share/cmake/driftwoodConfig.cmake.in
  ${PROJECT_BINARY_DIR}/generated/driftwoodConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/driftwoodConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/driftwoodConfig.cmake
  ${PROJECT_BINARY_DIR}/generated/driftwoodConfigVersion.cmake DESTINATION ${package_folder} COMPONENT development)

install(FILES ${PROJECT_SOURCE_DIR}/share/man/driftwood.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/share/completions/driftwood
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT runtime)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/share/doc/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
foreach(folder examples datasets python)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/share/${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/driftwood
    COMPONENT runtime PATTERN __pycache__ EXCLUDE)
endforeach()
install(PROGRAMS ${PROJECT_SOURCE_DIR}/jobs/submit-array.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/driftwood/jobs
  COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/jobs/run.sbatch ${PROJECT_SOURCE_DIR}/jobs/array.sbatch
  DESTINATION ${CMAKE_INSTALL_DATADIR}/driftwood/jobs COMPONENT runtime)

# `module load driftwood` after `module use PREFIX/share/modulefiles`; the prefix is known when it is installed.
install(CODE "
  get_filename_component(prefix \"\${CMAKE_INSTALL_PREFIX}\" ABSOLUTE)
  set(bindir \"${CMAKE_INSTALL_BINDIR}\")
  set(mandir \"${CMAKE_INSTALL_MANDIR}\")
  set(version \"${PROJECT_VERSION}\")
  configure_file(\"${PROJECT_SOURCE_DIR}/share/modulefiles/driftwood.in\"
    \"\$ENV{DESTDIR}\${prefix}/${CMAKE_INSTALL_DATADIR}/modulefiles/driftwood/${PROJECT_VERSION}\" @ONLY)"
  COMPONENT runtime)
