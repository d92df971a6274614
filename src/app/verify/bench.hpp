#pragma once

#include <functional>
#include <string>
#include <vector>

#include "check.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/initial_density.hpp"
#include "driftwood/fp/products.hpp"
#include "driftwood/fp_solver/solver.hpp"
#include "driftwood/fp_solver/spectrum.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::app::verify {

/// A time scheme that the solver has, and what it promises.
struct Scheme {
  fp_solver::TimeScheme scheme;
  std::string name;
  double order;
  bool is_positive;  ///< at any step
  /// Of a linear scheme: what a mode of eigenvalue z / dt is multiplied by in so many steps from the start. Empty for
  /// schemes whose rates depend on the density.
  std::function<double(double z, int n_steps)> amplification;

  bool is_linear() const { return static_cast<bool>(amplification); }
  /// These options with this scheme, and a flux that it can take.
  fp_solver::SolveOptions in(fp_solver::SolveOptions options) const;
};
const std::vector<Scheme>& schemes();

/// A solve that did not end well: ends the case, which is then reported as failed. The same on every rank.
struct CaseFailed : Error {
  explicit CaseFailed(const std::string& message) : Error(ExitCode::internal, message) {}
};

/// What a case works with: the ranks, how much to do, and what all its solves had in common.
class Bench {
 public:
  Bench(const mpi::Communicator& world, bool is_quick) : world_(world), is_quick_(is_quick) {}

  const mpi::Communicator& world() const { return world_; }
  bool is_quick() const { return is_quick_; }
  /// The first three of these where the run is quick.
  std::vector<int> grids(std::vector<int> all) const;

  /// The schemes of second order that a case of d weights is run with: all for d = 1; the solver's own choice and
  /// Strang splitting for d = 2; only the former where the run is quick; Strang splitting beyond.
  std::vector<Scheme> second_order_schemes(int d) const;

  /// As fp_solver::solve; throws CaseFailed unless it ends well. Collective.
  fp_solver::SolveResult solve(const fp::Coefficients& coefficients, const fp::InitialDensity& initial,
                               const std::vector<double>& times, const fp_solver::SolveOptions& options);
  /// As fp_solver::spectrum on a box with these half widths around the origin. Collective.
  fp_solver::Spectrum spectrum(const fp::Coefficients& coefficients, const std::vector<int>& cells,
                               const std::vector<double>& half_widths, int n_rates,
                               const std::vector<fp_solver::Wall>& walls = {});

  /// Of all solves so far: mass to round-off and, unless `may_be_negative`, no negative density.
  std::vector<Check> soundness(bool may_be_negative = false) const;

 private:
  const mpi::Communicator& world_;
  bool is_quick_;
  double mass_error_ = 0;
  double least_density_ = 0;
};

/// One row of what is known exactly.
struct Case {
  std::string name;
  std::string states;  ///< equation, and where the exact answer comes from
  bool in_quick = true;
  std::function<std::vector<Check>(Bench&)> run;
};

/// All cases, in the order of the table.
std::vector<Case> all_cases();

/// The cases by subject; all_cases() joins them.
std::vector<Case> ornstein_uhlenbeck_cases();
std::vector<Case> box_cases();
std::vector<Case> equilibrium_cases();
std::vector<Case> noise_cases();
std::vector<Case> tensor_cases();
std::vector<Case> identity_cases();

}  // namespace driftwood::app::verify
