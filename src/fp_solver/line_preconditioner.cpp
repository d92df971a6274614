#include "line_preconditioner.hpp"

namespace driftwood::fp_solver {

using petsc::check;

namespace {

constexpr double relative_tolerance = 1e-12;

PetscErrorCode apply(PC pc, Vec r, Vec z) {
  void* context = nullptr;
  PetscCall(PCShellGetContext(pc, &context));
  const LinePreconditioner& preconditioner = *static_cast<const LinePreconditioner*>(context);
  const std::vector<double>& weight = preconditioner.weight;
  PetscInt n = 0;
  double* out = nullptr;
  PetscCall(VecCopy(r, z));
  PetscCall(VecGetLocalSize(z, &n));
  PetscCall(VecGetArray(z, &out));
  for (std::size_t i = 0; i < weight.size(); ++i) out[i] *= weight[i];
  preconditioner.factors->solve({out, static_cast<std::size_t>(n)});
  for (std::size_t i = 0; i < weight.size(); ++i) out[i] /= weight[i];
  PetscCall(VecRestoreArray(z, &out));
  return 0;
}

}  // namespace

void LinePreconditioner::make_ksp(petsc::LinearSolver& ksp, int most_iterations,
                                  const mpi::Communicator& communicator) {
  check(KSPCreate(communicator.get(), ksp.out()), "KSPCreate");
  check(KSPSetOptionsPrefix(ksp.get(), "fp_"), "KSPSetOptionsPrefix");
  check(KSPSetType(ksp.get(), KSPGMRES), "KSPSetType");
  check(KSPSetInitialGuessNonzero(ksp.get(), PETSC_TRUE), "KSPSetInitialGuessNonzero");
  check(KSPSetTolerances(ksp.get(), relative_tolerance, PETSC_DEFAULT, PETSC_DEFAULT, most_iterations),
        "KSPSetTolerances");
  PC pc = nullptr;
  check(KSPGetPC(ksp.get(), &pc), "KSPGetPC");
  check(PCSetType(pc, PCSHELL), "PCSetType");
  check(PCShellSetContext(pc, this), "PCShellSetContext");
  check(PCShellSetApply(pc, apply), "PCShellSetApply");
  check(PCShellSetName(pc, "approximate factorisation along lattice directions"), "PCShellSetName");
  check(KSPSetFromOptions(ksp.get()), "KSPSetFromOptions");
}

}  // namespace driftwood::fp_solver
