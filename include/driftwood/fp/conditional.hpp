#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/polynomial_regression.hpp"
#include "driftwood/fp/regression.hpp"

namespace driftwood::fp {

/// What a regression found at some points, for the reader.
struct ConditionalNodes {
  std::vector<double> w;               ///< point x d
  std::vector<double> drift;           ///< point x d
  std::vector<double> drift_band;      ///< point x d: half width of the 95 % band
  std::vector<double> drift_variance;  ///< point x d: Var[b_i|w]
  std::vector<double> diffusion;       ///< point x packed_size(d)
  std::vector<double> diffusion_band;  ///< point x packed_size(d)
  std::vector<double> replicas;        ///< point: effective number behind the drift
  std::vector<double> is_carried;      ///< point: 1 where replicas carry the estimate, 0 where it was continued

  /// Room for the points `w`.
  ConditionalNodes(int dimension, std::vector<double> w);
  /// All the arrays but `w`, in a fixed order: for handing them to other ranks.
  std::vector<std::vector<double>*> arrays();
};

/// The closure `conditional` at one snapshot: E[b|w] and E[D|w] on a table, and what to know about them.
struct ConditionalFit {
  CoefficientTable table;
  std::vector<double> is_carried;  ///< node of the table: as in ConditionalNodes
  ConditionalNodes nodes;
  int neighbours = 0;    ///< of the local fit; 0: polynomial
  int drift_degree = 0;  ///< of the polynomial fit; 0: local
  int diffusion_degree = 0;
  std::vector<double> explained;  ///< d: part of the drift's variance that w predicts (by cross-validation)
};

/// An empty fit on the table's nodes. The points for the reader: up to two dimensions every second of the table's nodes
/// along each axis; else `per_line` on each of the lines along the axes through `centre`.
ConditionalFit empty_fit(CoefficientTable table, std::span<const double> centre, int per_line);

/// By local regression (fp/regression.hpp), d <= 2: local-linear drift and local-constant diffusion with `neighbours`
/// replicas in the kernel, 0: choose_neighbours. Exact for drifts linear in w within the support. Throws ConfigError if
/// d > 2 or `neighbours` < 0, InternalError on sizes that do not match or no data. Pure function, not collective.
ConditionalFit local_fit(const RegressionData& data, ConditionalFit empty, int neighbours, const BandWeights& weights);

/// The number of neighbours among 25, 50, 100, 200, 400 (as far as n / 2 allows; n if n < 50) whose local-linear drift
/// predicts best each of a fixed subsample of about 1000 replicas from all others (leave-one-out cross-validation).
/// Deterministic.
int choose_neighbours(const RegressionData& data);

/// The polynomial fit at the table's nodes [first, first + count): drift, diffusion and is_carried are filled in.
/// `distances`: to the nearest replica (nearest_distances), one a node of the table: a hole among the replicas is not
/// carried. Pure function.
void tabulate(const PolynomialRegression& regression, std::span<const double> distances, std::size_t first,
              std::size_t count, ConditionalFit& fit);

/// The points for the reader, from sums over all replicas. `distances`: one a point. Pure function.
void describe(const PolynomialRegression& regression, std::span<const double> residual_sums,
              std::span<const double> distances, ConditionalNodes& nodes);

/// The probability in cells whose centre is beyond the table or nearest to a node that no replicas carry: where the
/// solution rests on continued coefficients.
double mass_beyond(const Density& density, const ConditionalFit& fit);

}  // namespace driftwood::fp
