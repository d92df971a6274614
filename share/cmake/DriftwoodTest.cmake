# Test targets. Every test has a timeout: none can hang.

# Open MPI on a small machine: as root, more ranks than cores, shared memory only, ranks not pinned to one core.
set(DRIFTWOOD_MPI_ENVIRONMENT
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
  OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl=self,vader OMPI_MCA_mpi_yield_when_idle=1
  OMP_NUM_THREADS=1 GTEST_COLOR=no ASAN_OPTIONS=detect_leaks=0)

# What is tested is optimised; the tests themselves need not wait for it.
add_library(driftwood_test_flags INTERFACE)
target_compile_options(driftwood_test_flags INTERFACE $<$<CONFIG:Release>:-O1>
  $<$<BOOL:${DRIFTWOOD_SANITIZE}>:-O0>)

# Builds every unit test but the application's, which would take all services with it: what the sanitizer run needs.
add_custom_target(unit_tests)

# driftwood_unit_test(<folder>): all *.cpp in the folder -> one executable, linked to the module of the same name.
function(driftwood_unit_test folder)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  get_filename_component(module ${folder} NAME)
  add_executable(unit_${module} ${sources})
  target_include_directories(unit_${module} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(unit_${module} PRIVATE DRIFTWOOD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(unit_${module} PRIVATE driftwood_${module} driftwood_build_flags driftwood_test_flags
    GTest::gmock GTest::gtest_main)
  driftwood_precompile(unit_${module} ${module} <gmock/gmock.h> <gtest/gtest.h>)
  set(label app)
  if(NOT module STREQUAL app)
    set(label unit)
    add_dependencies(unit_tests unit_${module})
  endif()
  add_test(NAME unit_${module} COMMAND unit_${module})
  set_tests_properties(unit_${module} PROPERTIES TIMEOUT 600 LABELS ${label} ENVIRONMENT "${DRIFTWOOD_MPI_ENVIRONMENT}")
endfunction()

# driftwood_mpi_test(<kind> <folder> <ranks>...): one executable, linked to the module of the folder's name (the whole
# application where there is none), run on each number of ranks. Its main() is
# tests/support/mpi_main.cpp, which owns the MPI and PETSc sessions and reduces the result over the ranks.
function(driftwood_mpi_test kind folder)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  get_filename_component(name ${folder} NAME)
  set(target ${kind}_${name})
  add_executable(${target} ${sources} ${PROJECT_SOURCE_DIR}/tests/support/mpi_main.cpp)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE DRIFTWOOD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(TARGET driftwood_${name})
    set(module driftwood_${name})
  else()
    set(module driftwood_app)
  endif()
  target_link_libraries(${target} PRIVATE ${module} driftwood_petsc driftwood_build_flags driftwood_test_flags
    GTest::gmock GTest::gtest)
  driftwood_precompile(${target} ${name} <gmock/gmock.h> <gtest/gtest.h>)
  foreach(ranks ${ARGN})
    add_test(NAME ${target}_${ranks}_ranks
      COMMAND ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${ranks} $<TARGET_FILE:${target}>)
    set_tests_properties(${target}_${ranks}_ranks PROPERTIES TIMEOUT 900 PROCESSORS ${ranks} LABELS ${kind}
      ENVIRONMENT "${DRIFTWOOD_MPI_ENVIRONMENT}")
  endforeach()
endfunction()
