#include "time_integrator.hpp"

#include <algorithm>

namespace driftwood::fp_solver {

using petsc::check;

namespace {

constexpr long direct_unknowns = 20000;
constexpr PetscInt most_steps = 100000;

}  // namespace

TimeIntegrator::TimeIntegrator(const mpi::Communicator& communicator, const char* prefix, TSType type,
                               double tolerance) {
  check(TSCreate(communicator.get(), integrator_.out()), "TSCreate");
  check(TSSetOptionsPrefix(get(), prefix), "TSSetOptionsPrefix");
  check(TSSetType(get(), type), "TSSetType");
  check(TSSetTolerances(get(), tolerance, nullptr, 1e-12, nullptr), "TSSetTolerances");
  check(TSSetMaxSteps(get(), most_steps), "TSSetMaxSteps");
  check(TSSetExactFinalTime(get(), TS_EXACTFINALTIME_MATCHSTEP), "TSSetExactFinalTime");
  check(TSSetErrorIfStepFails(get(), PETSC_FALSE), "TSSetErrorIfStepFails");
}

void TimeIntegrator::choose_linear_solver(long n_unknowns) {
  SNES nonlinear = nullptr;
  KSP linear = nullptr;
  PC preconditioner = nullptr;
  check(TSGetSNES(get(), &nonlinear), "TSGetSNES");
  check(SNESGetKSP(nonlinear, &linear), "SNESGetKSP");
  check(KSPGetPC(linear, &preconditioner), "KSPGetPC");
  if (n_unknowns <= direct_unknowns) {
    check(KSPSetType(linear, KSPPREONLY), "KSPSetType");
    check(PCSetType(preconditioner, PCREDUNDANT), "PCSetType");
    return;
  }
  check(KSPSetType(linear, KSPGMRES), "KSPSetType");
  check(KSPSetTolerances(linear, 1e-11, PETSC_DEFAULT, PETSC_DEFAULT, 1000), "KSPSetTolerances");
  check(PCSetType(preconditioner, PCASM), "PCSetType");
}

std::string TimeIntegrator::advance(Vec state, double from, double to) {
  if (!is_set_) check(TSSetFromOptions(get()), "TSSetFromOptions");
  is_set_ = true;
  check(TSSetTime(get(), from), "TSSetTime");
  check(TSSetMaxTime(get(), to), "TSSetMaxTime");
  check(TSSetStepNumber(get(), 0), "TSSetStepNumber");
  const double step = last_step_ > 0 ? std::min(last_step_, to - from) : 1e-3 * (to - from);
  check(TSSetTimeStep(get(), step), "TSSetTimeStep");
  check(TSSolve(get(), state), "TSSolve");
  TSConvergedReason reason = TS_CONVERGED_ITERATING;
  PetscInt steps = 0;
  check(TSGetConvergedReason(get(), &reason), "TSGetConvergedReason");
  check(TSGetStepNumber(get(), &steps), "TSGetStepNumber");
  check(TSGetTimeStep(get(), &last_step_), "TSGetTimeStep");
  n_steps_ += steps;
  if (reason == TS_CONVERGED_TIME) return "";
  return std::string("PETSc's time integrator stopped: ") + TSConvergedReasons[reason];
}

}  // namespace driftwood::fp_solver
