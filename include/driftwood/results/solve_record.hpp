#pragma once

#include <complex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driftwood/fp/density.hpp"
#include "driftwood/fp/first_passage.hpp"
#include "driftwood/fp/marginals.hpp"
#include "driftwood/fp/problems.hpp"
#include "driftwood/results/records.hpp"

namespace driftwood::results {

/// One snapshot of a solved problem, with what is known exactly about it. NaN: not known.
struct SolveSnapshot {
  double time = 0;
  fp::DensityMoments moments;
  std::optional<fp::ExactSolution> exact;
  double l1_error = 0;             ///< int |p - exact| dw
  double mean_error = 0;           ///< |mean - exact mean|, Euclidean
  double covariance_error = 0;     ///< Frobenius norm of the difference
  double mass_error = 0;           ///< mass - exact mass
  double stationary_distance = 0;  ///< int |p / mass - stationary density| dw
  double entropy = 0;              ///< -int p ln p
  double free_energy = 0;          ///< int p ln (p / exp(-V/D)), V/D = -ln of the stationary density
  double moment_defect = 0;        ///< largest |defect| of the moment equations since the snapshot before
  double largest_current = 0;      ///< largest |J| at a cell's centre
  std::vector<double> current;     ///< J at the cells' centres, n_cells x d; d <= 2 only
};

/// The slow end of a problem's spectrum, in the last snapshot's box.
struct Relaxation {
  std::string status;  ///< converged, not converged, or not computed
  std::string message;
  std::vector<std::complex<double>> rates;  ///< by ascending real part
  std::vector<double> residuals;            ///< of each
  /// Mass 1; behind absorbing walls the quasi-stationary one.
  std::optional<fp::Density> stationary;
  double distance = 0;  ///< int |p / mass - stationary| dw of the last snapshot; NaN: not known

  bool is_converged() const { return status == "converged"; }
};

/// A user's Fokker-Planck problem, solved.
struct SolveRecord {
  std::vector<std::pair<std::string, std::string>> configuration;  ///< every key and its value
  Provenance provenance;
  std::string status;  ///< done, or failed
  std::string solver_status;
  std::string message;
  std::vector<double> times;                ///< those asked for
  std::vector<fp::Density> densities;       ///< one a snapshot that was reached
  std::vector<SolveSnapshot> snapshots;     ///< likewise
  std::vector<double> anomalous_dimension;  ///< snapshot x d
  std::vector<double> absorbed;             ///< snapshot x 2d, or empty
  std::optional<Relaxation> relaxation;     ///< where it is asked for
  /// With absorbing walls and at least three snapshots: of the snapshots that were reached.
  std::optional<fp::FirstPassage> first_passage;
  /// Names, units, meanings and values of what the solver says of itself.
  struct Count {
    std::string name;
    std::string meaning;
    std::int64_t value;
  };
  struct Measure {
    std::string name;
    std::string units;
    std::string meaning;
    double value;
  };
  std::vector<Count> counts;
  std::vector<Measure> measures;

  int dimension() const { return densities.empty() ? 0 : densities.front().dimension(); }
};

}  // namespace driftwood::results
