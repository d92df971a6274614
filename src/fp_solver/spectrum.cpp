#include "driftwood/fp_solver/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "driftwood/core/error.hpp"
#include "driftwood/core/random.hpp"
#include "driftwood/petsc/handles.hpp"
#include "frozen_generator.hpp"

namespace driftwood::fp_solver {

namespace {

using petsc::check;
using Rates = std::vector<std::complex<double>>;

/// Eigenvalues beyond the ones asked for, so that one of small real part and large imaginary part is not missed.
constexpr int n_more = 4;
/// The shift lies this far to the right of 0, in slowest rates: near enough for its digits, far enough from singular.
constexpr double shift_wanted = 0.3;
constexpr int most_shifts = 12;
/// Up to so many cells a direct factorisation fits in any dimension.
constexpr long direct_cells = 20000;

/// What one run of the Krylov-Schur method came to.
struct Found {
  Rates eigenvalues;  ///< nearest to the shift first
  std::vector<double> residuals;
  std::vector<double> nearest;  ///< this rank's part of the eigenvector of the eigenvalue nearest to 0
  std::string failure;
  long n_iterations = 0;
};

/// Krylov-Schur with shift and invert on one generator.
class SlowModes {
 public:
  SlowModes(const FrozenGenerator& generator, double shift, const SpectrumOptions& options, int dimension,
            const mpi::Communicator& communicator)
      : generator_(generator), communicator_(communicator), n_wanted_(options.n_rates + 1 + n_more) {
    n_wanted_ = static_cast<int>(std::min<long>(n_wanted_, generator.n_cells() - 2));
    check(EPSCreate(communicator.get(), solver_.out()), "EPSCreate");
    check(EPSSetOptionsPrefix(eps(), "fp_spectrum_"), "EPSSetOptionsPrefix");
    check(EPSSetOperators(eps(), generator.matrix(), nullptr), "EPSSetOperators");
    check(EPSSetProblemType(eps(), EPS_NHEP), "EPSSetProblemType");
    check(EPSSetTarget(eps(), shift), "EPSSetTarget");
    check(EPSSetWhichEigenpairs(eps(), EPS_TARGET_MAGNITUDE), "EPSSetWhichEigenpairs");
    check(EPSSetDimensions(eps(), n_wanted_, PETSC_DEFAULT, PETSC_DEFAULT), "EPSSetDimensions");
    check(EPSSetTolerances(eps(), options.tolerance, options.max_iterations), "EPSSetTolerances");
    choose_linear_solver(dimension <= 2 || generator.n_cells() <= direct_cells);
    start_from_the_same_vector();
    check(EPSSetFromOptions(eps()), "EPSSetFromOptions");
  }

  Found find() {
    Found found;
    const PetscErrorCode code = EPSSolve(eps());
    if (code == PETSC_ERR_NOT_CONVERGED) {
      found.failure = "the linear solver of the shifted operator does not converge (-fp_spectrum_st_ksp_type ...)";
      return found;
    }
    check(code, "EPSSolve");
    read_eigenvalues(found);
    if (static_cast<int>(found.eigenvalues.size()) < n_wanted_)
      found.failure = "only " + std::to_string(found.eigenvalues.size()) + " of " + std::to_string(n_wanted_) +
                      " eigenvalues converge (-fp_spectrum_eps_ncv, -fp_spectrum_eps_max_it)";
    return found;
  }

  /// q + (shift - L)^-1 L q, a backward Euler step of length 1 / shift, in terms of the change: what is stationary
  /// already stays so to round-off. Whole densities.
  std::vector<double> step(const std::vector<double>& whole) {
    ST st = nullptr;
    KSP ksp = nullptr;
    check(EPSGetST(eps(), &st), "EPSGetST");
    check(STGetKSP(st, &ksp), "STGetKSP");
    const petsc::Vector change = generator_.vector(generator_.change(whole));
    petsc::Vector minus_update;
    check(VecDuplicate(change.get(), minus_update.out()), "VecDuplicate");
    check(KSPSolve(ksp, change.get(), minus_update.get()), "KSPSolve");
    std::vector<double> next = communicator_.all_gather(generator_.values(minus_update.get()));
    for (std::size_t i = 0; i < next.size(); ++i) next[i] = whole[i] - next[i];
    return next;
  }

 private:
  EPS eps() const { return solver_.get(); }

  void choose_linear_solver(bool direct) {
    ST st = nullptr;
    KSP ksp = nullptr;
    PC pc = nullptr;
    check(EPSGetST(eps(), &st), "EPSGetST");
    check(STSetType(st, STSINVERT), "STSetType");
    check(STGetKSP(st, &ksp), "STGetKSP");
    check(KSPGetPC(ksp, &pc), "KSPGetPC");
    if (direct) {
      check(KSPSetType(ksp, KSPPREONLY), "KSPSetType");
      if (generator_.n_cells() <= direct_cells) {  // every rank factorises the whole: less than talking about parts
        check(PCSetType(pc, PCREDUNDANT), "PCSetType");
        return;
      }
      check(PCSetType(pc, PCLU), "PCSetType");
      check(PCFactorSetMatSolverType(pc, MATSOLVERMUMPS), "PCFactorSetMatSolverType");
      return;
    }
    check(KSPSetType(ksp, KSPGMRES), "KSPSetType");
    check(KSPGMRESSetRestart(ksp, 100), "KSPGMRESSetRestart");
    check(KSPSetTolerances(ksp, 1e-12, PETSC_DEFAULT, PETSC_DEFAULT, 3000), "KSPSetTolerances");
    check(PCSetType(pc, PCASM), "PCSetType");  // incomplete factors of the ranks' overlapping parts
  }

  /// The same on every number of ranks.
  void start_from_the_same_vector() {
    const CounterRandom random(1, 1);
    std::vector<double> start;
    for (long cell = generator_.owned().first; cell < generator_.owned().last(); ++cell)
      start.push_back(random.uniform(RandomPurpose::bootstrap, 0, 0, static_cast<std::uint64_t>(cell)) - 0.4);
    const petsc::Vector vector = generator_.vector(start);
    Vec initial = vector.get();
    check(EPSSetInitialSpace(eps(), 1, &initial), "EPSSetInitialSpace");
  }

  void read_eigenvalues(Found& found) const {
    PetscInt n_converged = 0;
    PetscInt iterations = 0;
    check(EPSGetConverged(eps(), &n_converged), "EPSGetConverged");
    check(EPSGetIterationNumber(eps(), &iterations), "EPSGetIterationNumber");
    found.n_iterations = iterations;
    PetscInt nearest = 0;
    for (PetscInt i = 0; i < n_converged; ++i) {
      PetscReal residual = 0;
      PetscScalar real = 0;
      PetscScalar imaginary = 0;
      check(EPSGetEigenvalue(eps(), i, &real, &imaginary), "EPSGetEigenvalue");
      check(EPSComputeError(eps(), i, EPS_ERROR_RELATIVE, &residual), "EPSComputeError");
      found.eigenvalues.emplace_back(real, imaginary);
      found.residuals.push_back(residual);
      if (std::abs(found.eigenvalues[i]) < std::abs(found.eigenvalues[nearest])) nearest = i;
    }
    if (n_converged == 0) return;
    const petsc::Vector vector = generator_.vector(std::vector<double>(generator_.owned().count, 0.0));
    check(EPSGetEigenvector(eps(), nearest, vector.get(), nullptr), "EPSGetEigenvector");
    found.nearest = generator_.values(vector.get());
  }

  const FrozenGenerator& generator_;
  const mpi::Communicator& communicator_;
  int n_wanted_;
  petsc::EigenSolver solver_;
};

bool loses_mass(const SpectrumOptions& options) {
  return std::find(options.walls.begin(), options.walls.end(), fp::Wall::absorbing) != options.walls.end();
}

/// Minus the eigenvalues but the one that is 0, slowest first, and their residuals.
void take_rates(const Found& found, double shift, const SpectrumOptions& options, Spectrum& result) {
  const bool has_zero = !loses_mass(options);
  const auto& values = found.eigenvalues;
  const auto by_size = [](auto a, auto b) { return std::abs(a) < std::abs(b); };
  const auto zero = std::min_element(values.begin(), values.end(), by_size) - values.begin();
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i) {
    result.radius = std::max(result.radius, std::abs(values[i] - shift) - shift);
    if (!has_zero || static_cast<std::ptrdiff_t>(i) != zero) order.push_back(i);
  }
  // The parts of a pair are neighbours already, positive imaginary part of the eigenvalue first.
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a].real() > values[b].real(); });
  for (const std::size_t i : order) {
    const bool completes_pair = !result.rates.empty() && result.rates.back().imag() > 0;
    if (static_cast<int>(result.rates.size()) >= options.n_rates && !completes_pair) break;
    result.rates.push_back(std::conj(-values[i]));
    result.residuals.push_back(found.residuals[i]);
  }
}

double sum_of_sizes(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0, [](double sum, double x) { return sum + std::abs(x); });
}

/// The eigenvector nearest to 0 with the sum 1; that of 0 itself stepped on until nothing moves any more.
std::vector<double> refined(SlowModes& modes, std::vector<double> whole, bool has_zero) {
  constexpr int most_steps = 100;
  const auto normalise = [](std::vector<double>& q) {
    const double sum = std::accumulate(q.begin(), q.end(), 0.0);
    for (double& value : q) value /= sum;
  };
  normalise(whole);
  if (!has_zero) return whole;
  double last = 1e300;
  for (int i = 0; i < most_steps; ++i) {
    std::vector<double> next = modes.step(whole);
    normalise(next);
    std::vector<double> moved(next.size());
    std::transform(next.begin(), next.end(), whole.begin(), moved.begin(), std::minus<>());
    const double change = sum_of_sizes(moved);
    whole = std::move(next);
    if (change < 1e-15 || (change < 1e-13 && change > last / 2)) break;
    last = change;
  }
  return whole;
}

}  // namespace

Spectrum spectrum(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                  const SpectrumOptions& options, const mpi::Communicator& communicator) {
  if (!options.walls.empty() && static_cast<int>(options.walls.size()) != 2 * grid.dimension())
    throw ConfigError("walls need a word for the low and the high face of every axis");
  const FrozenGenerator generator(coefficients, grid, frame, options.time, options.walls, communicator);
  if (options.n_rates < 1 || grid.n_cells() < options.n_rates + 8)
    throw ConfigError("a spectrum needs at least one rate, and 8 cells more than rates");
  std::optional<SlowModes> modes;
  Spectrum result;
  Found found;
  double shift = generator.diffusive_rate();
  for (int attempt = 0; attempt < most_shifts; ++attempt) {
    modes.emplace(generator, shift, options, grid.dimension(), communicator);
    found = modes->find();
    result.n_iterations += found.n_iterations;
    result.rates.clear();
    result.residuals.clear();
    result.radius = 0;
    if (found.eigenvalues.empty()) break;
    take_rates(found, shift, options, result);
    // A slowest rate that is much smaller than the shift is only known to the shift's digits: again, nearer.
    const double slowest = result.rates.empty() ? shift : std::abs(result.rates.front());
    if (!found.failure.empty() || shift < 10 * slowest) break;
    shift = shift_wanted * std::max(slowest, 1e-6 * shift);
  }
  result.message = found.failure;
  result.converged = found.failure.empty();
  if (found.eigenvalues.empty()) return result;
  std::vector<double> mass = refined(*modes, communicator.all_gather(found.nearest), !loses_mass(options));
  for (double& value : mass) value = std::max(value, 0.0);
  result.stationary = fp::density_from_masses(options.time, grid, frame, std::move(mass));
  return result;
}

}  // namespace driftwood::fp_solver
