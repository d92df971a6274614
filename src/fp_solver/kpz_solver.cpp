#include "driftwood/fp_solver/kpz_solver.hpp"

#include <petscts.h>

#include <algorithm>
#include <functional>

#include "driftwood/core/error.hpp"
#include "driftwood/petsc/arrays.hpp"
#include "driftwood/petsc/handles.hpp"
#include "kpz_equation.hpp"
#include "time_integrator.hpp"

namespace driftwood::fp_solver {

namespace {

using petsc::check;

/// What PETSc's callbacks see: the equation, and the neighbours' layers.
struct Context {
  const KpzEquation* equation = nullptr;
  petsc::Vector seen;  ///< this rank's cells with a layer on either side, of its own
  petsc::Scatter scatter;
};

PetscErrorCode gather(const Context& context, Vec state) {
  const PetscErrorCode code =
      VecScatterBegin(context.scatter.get(), state, context.seen.get(), INSERT_VALUES, SCATTER_FORWARD);
  return code != 0 ? code
                   : VecScatterEnd(context.scatter.get(), state, context.seen.get(), INSERT_VALUES, SCATTER_FORWARD);
}

// u' - rate(u) = 0 and its Jacobian. Called by PETSc: no exceptions.
PetscErrorCode defect(TS /*integrator*/, PetscReal /*time*/, Vec state, Vec slope, Vec result, void* pointer) {
  const auto& context = *static_cast<const Context*>(pointer);
  PetscErrorCode code = gather(context, state);
  const double* seen = nullptr;
  double* values = nullptr;
  if (code == 0) code = VecGetArrayRead(context.seen.get(), &seen);
  if (code == 0) code = VecGetArrayWrite(result, &values);
  if (code == 0) context.equation->rate(seen, values);
  if (code == 0) code = VecRestoreArrayWrite(result, &values);
  if (code == 0) code = VecRestoreArrayRead(context.seen.get(), &seen);
  return code != 0 ? code : VecAYPX(result, -1, slope);
}

PetscErrorCode jacobian(TS /*integrator*/, PetscReal /*time*/, Vec state, Vec /*slope*/, PetscReal shift, Mat result,
                        Mat /*preconditioner*/, void* pointer) {
  const auto& context = *static_cast<const Context*>(pointer);
  PetscErrorCode code = gather(context, state);
  const double* seen = nullptr;
  if (code == 0) code = VecGetArrayRead(context.seen.get(), &seen);
  if (code == 0) code = context.equation->jacobian(seen, shift, result);
  return code != 0 ? code : VecRestoreArrayRead(context.seen.get(), &seen);
}

petsc::Vector state_of(const KpzEquation& equation, const std::vector<double>& whole,
                       const mpi::Communicator& communicator) {
  petsc::Vector state;
  check(VecCreateMPI(communicator.get(), static_cast<PetscInt>(equation.count()),
                     static_cast<PetscInt>(equation.n_cells()), state.out()),
        "VecCreateMPI");
  petsc::write_array(state.get(),
                     [&](double* values) { std::copy_n(whole.begin() + equation.first(), equation.count(), values); });
  return state;
}

void make_scatter(const KpzEquation& equation, Vec state, Context& context) {
  const long from = std::max(0L, equation.first() - equation.layer_cells());
  const long to = std::min(equation.n_cells(), equation.first() + equation.count() + equation.layer_cells());
  petsc::IndexSet rows;
  check(ISCreateStride(PETSC_COMM_SELF, static_cast<PetscInt>(to - from), static_cast<PetscInt>(from), 1, rows.out()),
        "ISCreateStride");
  check(VecCreateSeq(PETSC_COMM_SELF, static_cast<PetscInt>(to - from), context.seen.out()), "VecCreateSeq");
  check(VecScatterCreate(state, rows.get(), context.seen.get(), nullptr, context.scatter.out()), "VecScatterCreate");
}

petsc::Matrix matrix_for(const KpzEquation& equation, const mpi::Communicator& communicator) {
  petsc::Matrix matrix;
  const auto local = static_cast<PetscInt>(equation.count());
  const auto global = static_cast<PetscInt>(equation.n_cells());
  check(MatCreateAIJ(communicator.get(), local, local, global, global, 5, nullptr, 4, nullptr, matrix.out()),
        "MatCreateAIJ");
  return matrix;
}

std::vector<double> whole_of(Vec state, long count, const mpi::Communicator& communicator) {
  std::vector<double> own(count);
  petsc::read_array(state, [&](const double* values) { std::copy_n(values, count, own.begin()); });
  return communicator.all_gather(own);
}

void require_valid(const fp::Coefficients& coefficients, const fp::Grid& grid, const std::vector<double>& start,
                   const std::vector<double>& times) {
  if (static_cast<long>(start.size()) != grid.n_cells()) throw InternalError("one height a cell");
  if (times.empty() || std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) != times.end())
    throw InternalError("output times must be ascending");
  if (coefficients.depends_on_time()) throw ConfigError("the KPZ equation (8.2) needs a drift that does not change");
}

}  // namespace

KpzSolution solve_kpz(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                      const std::vector<double>& start, const std::vector<double>& times, double tolerance,
                      const mpi::Communicator& communicator) {
  require_valid(coefficients, grid, start, times);
  const KpzEquation equation(coefficients, grid, frame, times.front(), communicator);
  const petsc::Vector state = state_of(equation, start, communicator);
  Context context{&equation, {}, {}};
  make_scatter(equation, state.get(), context);
  const petsc::Matrix matrix = matrix_for(equation, communicator);
  TimeIntegrator integrator(communicator, "fp_kpz_", TSARKIMEX, tolerance);
  const TS ts = integrator.get();
  check(TSARKIMEXSetType(ts, TSARKIMEX3), "TSARKIMEXSetType");
  check(TSARKIMEXSetFullyImplicit(ts, PETSC_TRUE), "TSARKIMEXSetFullyImplicit");
  check(TSSetIFunction(ts, nullptr, defect, &context), "TSSetIFunction");
  check(TSSetIJacobian(ts, matrix.get(), matrix.get(), jacobian, &context), "TSSetIJacobian");
  integrator.choose_linear_solver(equation.n_cells());
  KpzSolution result;
  result.potential = communicator.all_gather(equation.potential());
  result.heights.push_back(start);
  for (std::size_t i = 1; i < times.size() && result.message.empty(); ++i) {
    result.message = integrator.advance(state.get(), times[i - 1], times[i]);
    if (result.message.empty()) result.heights.push_back(whole_of(state.get(), equation.count(), communicator));
  }
  result.converged = result.message.empty();
  result.n_steps = integrator.n_steps();
  return result;
}

}  // namespace driftwood::fp_solver
