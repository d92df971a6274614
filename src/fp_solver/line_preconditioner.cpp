#include "line_preconditioner.hpp"

#include <utility>

#include "driftwood/fp/sums.hpp"

namespace driftwood::fp_solver {

using petsc::check;

namespace {

constexpr double relative_tolerance = 1e-12;
/// Of stiffness(): beyond, the factorisation is worth less than ILU, and soon nothing (decision 17).
constexpr double stiff_from = 20;

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
  check(KSPSetInitialGuessNonzero(ksp.get(), PETSC_TRUE), "KSPSetInitialGuessNonzero");
  check(KSPSetTolerances(ksp.get(), relative_tolerance, PETSC_DEFAULT, PETSC_DEFAULT, most_iterations),
        "KSPSetTolerances");
  set_types(ksp.get());
}

void LinePreconditioner::choose(KSP ksp, double stiffness) {
  const bool was_stiff = std::exchange(is_stiff, stiffness > stiff_from);
  if (is_stiff != was_stiff) set_types(ksp);
}

void LinePreconditioner::set_types(KSP ksp) {
  PC pc = nullptr;
  check(KSPGetPC(ksp, &pc), "KSPGetPC");
  check(KSPSetType(ksp, is_stiff ? KSPBCGS : KSPGMRES), "KSPSetType");
  check(PCSetType(pc, is_stiff ? PCBJACOBI : PCSHELL), "PCSetType");
  if (!is_stiff) {
    check(PCShellSetContext(pc, this), "PCShellSetContext");
    check(PCShellSetApply(pc, apply), "PCShellSetApply");
    check(PCShellSetName(pc, "approximate factorisation along lattice directions"), "PCShellSetName");
  }
  check(KSPSetFromOptions(ksp), "KSPSetFromOptions");
}

double stiffness(const fp::EdgeRates& rates, double step, const mpi::Communicator& communicator) {
  if (communicator.size() == 1 && rates.directions.size() == 1) return 1;
  std::vector<double> sum(rates.owned.count, 1.0);
  std::vector<double> product(rates.owned.count, 1.0);
  for (const auto& direction : rates.directions)
    for (long i = 0; i < rates.owned.count; ++i) {
      const double leaving = step * (direction.forward[i + direction.offset] + direction.backward[i]);
      sum[i] += leaving;
      product[i] *= 1 + leaving;
    }
  for (std::size_t i = 0; i < sum.size(); ++i) product[i] /= sum[i];
  return communicator.max(fp::range_of(product).second);
}

}  // namespace driftwood::fp_solver
