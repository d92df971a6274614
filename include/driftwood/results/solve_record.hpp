#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driftwood/fp/density.hpp"
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
