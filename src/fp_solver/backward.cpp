#include "driftwood/fp_solver/backward.hpp"

#include <petscts.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "driftwood/core/error.hpp"
#include "driftwood/petsc/handles.hpp"
#include "frozen_generator.hpp"
#include "time_integrator.hpp"

namespace driftwood::fp_solver {

namespace {

using petsc::check;

// u' - A u = 0 and its Jacobian shift I - A. Called by PETSc: no exceptions. The context is A, which stays as it is.
PetscErrorCode defect(TS /*integrator*/, PetscReal /*time*/, Vec state, Vec slope, Vec result, void* adjoint) {
  const PetscErrorCode code = MatMult(static_cast<Mat>(adjoint), state, result);
  return code != 0 ? code : VecAYPX(result, -1, slope);
}
PetscErrorCode jacobian(TS /*integrator*/, PetscReal /*time*/, Vec /*state*/, Vec /*slope*/, PetscReal shift,
                        Mat result, Mat /*preconditioner*/, void* adjoint) {
  PetscErrorCode code = MatCopy(static_cast<Mat>(adjoint), result, SAME_NONZERO_PATTERN);
  if (code == 0) code = MatScale(result, -1);
  return code != 0 ? code : MatShift(result, shift);
}

/// The adjoint of a frozen generator in PETSc's TS.
class BackwardIntegrator {
 public:
  BackwardIntegrator(const FrozenGenerator& generator, double tolerance, const mpi::Communicator& communicator)
      : integrator_(communicator, "fp_backward_", TSROSW, tolerance) {
    check(MatTranspose(generator.matrix(), MAT_INITIAL_MATRIX, adjoint_.out()), "MatTranspose");
    check(MatDuplicate(adjoint_.get(), MAT_COPY_VALUES, shifted_.out()), "MatDuplicate");
    const TS ts = integrator_.get();
    check(TSSetProblemType(ts, TS_LINEAR), "TSSetProblemType");
    check(TSSetIFunction(ts, nullptr, defect, adjoint_.get()), "TSSetIFunction");
    check(TSSetIJacobian(ts, shifted_.get(), shifted_.get(), jacobian, adjoint_.get()), "TSSetIJacobian");
    integrator_.choose_linear_solver(generator.n_cells());
  }

  TimeIntegrator& integrator() { return integrator_; }

 private:
  petsc::Matrix adjoint_;
  petsc::Matrix shifted_;
  TimeIntegrator integrator_;
};

void require_valid(const fp::Grid& grid, const std::vector<double>& function, const BackwardOptions& options) {
  if (static_cast<long>(function.size()) != grid.n_cells()) throw InternalError("one value of the function a cell");
  if (options.delays.empty() || options.delays.front() < 0 ||
      std::adjacent_find(options.delays.begin(), options.delays.end(), std::greater_equal<>()) != options.delays.end())
    throw InternalError("delays must be ascending and not negative");
}

}  // namespace

BackwardSolution evolve_backward(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                                 const std::vector<double>& function, const BackwardOptions& options,
                                 const mpi::Communicator& communicator) {
  require_valid(grid, function, options);
  const FrozenGenerator generator(coefficients, grid, frame, options.time, options.walls, communicator);
  double largest = 0;
  for (const double value : function) largest = std::max(largest, std::abs(value));
  BackwardIntegrator backward(generator, options.tolerance * std::max(largest, 1e-300), communicator);
  const auto first = function.begin() + generator.owned().first;
  const petsc::Vector state = generator.vector(std::vector<double>(first, first + generator.owned().count));
  BackwardSolution result;
  double now = 0;
  for (const double delay : options.delays) {
    if (delay > now) result.message = backward.integrator().advance(state.get(), now, delay);
    if (!result.message.empty()) break;
    now = delay;
    result.values.push_back(communicator.all_gather(generator.values(state.get())));
  }
  result.converged = result.message.empty();
  result.n_steps = backward.integrator().n_steps();
  return result;
}

}  // namespace driftwood::fp_solver
