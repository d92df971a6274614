# Several files compiled as one, so that Eigen's and GoogleTest's templates are instantiated once for all of them: tests in
# every build, the program's modules in the sanitizer build alone. Only where that gains much, and without the files whose
# private names another file of the target uses as well: a redefinition that only such a build complains about asks for one
# more ALONE, not for another name.
option(DRIFTWOOD_UNITY "compile the largest modules several files at a time" OFF)

# driftwood_unity(<target> [ALONE <file>...]): files with compile options of their own stay alone by themselves.
function(driftwood_unity target)
  cmake_parse_arguments(arg "" "" "ALONE" ${ARGN})
  if(NOT TARGET ${target})
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  list(TRANSFORM arg_ALONE PREPEND ${PROJECT_SOURCE_DIR}/)
  set_source_files_properties(${arg_ALONE} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

if(DRIFTWOOD_UNITY)
  driftwood_unity(driftwood_fp ALONE src/fp/products.cpp src/fp/regression.cpp src/fp/voronoi_reduction.cpp)
  driftwood_unity(driftwood_analysis ALONE src/analysis/exponential_family.cpp src/analysis/kpz.cpp
    src/analysis/resting_member.cpp src/analysis/surface_scaling.cpp)
  driftwood_unity(driftwood_store ALONE src/store/density_content.cpp src/store/marginal_content.cpp
    src/store/solve_content.cpp src/store/sweep_content.cpp)
endif()
driftwood_unity(unit_fp ALONE tests/unit/fp/coefficients.cpp tests/unit/fp/frame_motion.cpp tests/unit/fp/line_sweep.cpp
  tests/unit/fp/marginal.cpp tests/unit/fp/polynomial_regression.cpp tests/unit/fp/products.cpp tests/unit/fp/remap.cpp)
driftwood_unity(unit_analysis ALONE tests/unit/analysis/exponential_family.cpp tests/unit/analysis/surface_scaling.cpp)
driftwood_unity(unit_store)
driftwood_unity(unit_sweep)
driftwood_unity(verify_fp_solver)
driftwood_unity(verify_fp_spectrum)
