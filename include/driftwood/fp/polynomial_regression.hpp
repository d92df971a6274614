#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <span>
#include <vector>

#include "driftwood/fp/band_weights.hpp"
#include "driftwood/fp/hermite_basis.hpp"
#include "driftwood/fp/regression.hpp"

namespace driftwood::fp {

/// Coordinates x in which replicas have mean 0 and covariance 1: w = centre + scale x.
struct Standardisation {
  Eigen::VectorXd centre;
  Eigen::MatrixXd scale;
  Eigen::MatrixXd inverse;  ///< of `scale`

  Eigen::VectorXd scaled(std::span<const double> w) const;
};

/// What fixes the standardisation: number, sum of w, sum of w w^T (packed). Adds up over parts of the replicas.
std::vector<double> moment_sums(const RegressionData& replicas);
/// From the sums over all replicas. `fallback_scale`: per axis, > 0, the unit of length where they do not spread; a
/// direction across which they spread less than 1e-5 of their spread counts as that wide.
Standardisation standardise(std::span<const double> sums, std::span<const double> fallback_scale);

/// Everything a polynomial regression of drift and diffusion on w needs to know of the replicas: Gram matrices of a
/// HermiteBasis and its products with the coefficients, for each of 64 groups of replicas, fixed by their numbers.
/// Adds up over parts of the replicas, so that these need not be in one place: the sums of 1, 2, 4 ranks differ by
/// round-off only.
class PolynomialSums {
 public:
  static constexpr int n_groups = 64;

  PolynomialSums(const Standardisation& standardisation, int degree);

  /// Takes in replicas with these numbers (0, 1, ... in the whole ensemble).
  void add(std::span<const long> numbers, const RegressionData& replicas);
  /// All the sums in a row, for adding up over ranks.
  std::span<double> numbers() { return numbers_; }

  const Standardisation& standardisation() const { return standardisation_; }
  const HermiteBasis& basis() const { return basis_; }
  /// Coefficients that are fitted: d of the drift, packed_size(d) of the diffusion.
  int n_columns() const { return n_columns_; }
  double count(int group) const { return *part(group); }
  Eigen::Map<const Eigen::VectorXd> squares(int group) const { return {part(group) + 1, n_columns_}; }
  Eigen::Map<const Eigen::MatrixXd> products(int group) const {
    return {part(group) + 1 + n_columns_, basis_.size(), n_columns_};
  }
  Eigen::Map<const Eigen::MatrixXd> gram(int group) const {
    return {part(group) + 1 + n_columns_ * (1 + basis_.size()), basis_.size(), basis_.size()};
  }

 private:
  std::size_t part_size() const;
  const double* part(int group) const { return numbers_.data() + group * part_size(); }

  Standardisation standardisation_;
  HermiteBasis basis_;
  int n_columns_;
  std::vector<double> numbers_;
};

/// Ridge regression of drift and diffusion on polynomials in w, d = 1..4, from the sums over all replicas.
///
/// - The degree, of the drift and of the diffusion separately: the lowest whose mean square error, when each fifth of
///   the replicas is predicted from the others, is within 1 % of the least; no more terms than a tenth of the replicas.
/// - A point is carried by the data if at least 10 replicas stand behind the fit there, their effective number being
///   1 / leverage (leverage: the fit's variance in units of one replica's).
/// - Beyond, on the ray from the replicas' mean, the fit is continued from where that ends: the drift linearly, less
///   that part of the change which points away from the mean (lengths in scaled coordinates), the diffusion as a
///   constant.
/// - The diffusion's eigenvalues are moved up to the smallest one of any replica where they are below: the projection
///   on a cone in which the true mean lies.
class PolynomialRegression {
 public:
  struct Options {
    int degree = 0;              ///< of both; 0: by cross-validation up to that of the sums
    double least_diffusion = 0;  ///< >= 0: the smallest eigenvalue of any replica's diffusion
  };
  struct Estimate {
    Eigen::VectorXd drift;
    Eigen::VectorXd diffusion;
    double replicas = 0;      ///< effective number behind the drift at this point
    bool is_carried = false;  ///< at least 10
  };
  struct Band {
    Eigen::VectorXd drift;      ///< half width of the 95 % band
    Eigen::VectorXd diffusion;  ///< likewise, before the projection
  };

  /// Throws InternalError without replicas or where `options.degree` is more than the sums'.
  PolynomialRegression(const PolynomialSums& sums, const Options& options, const BandWeights& weights);

  Estimate evaluate(std::span<const double> w) const;
  /// Sampling scatter by bootstrap over the 64 groups; that of the continued fit beyond the data.
  Band band(std::span<const double> w) const;

  int drift_degree() const { return drift_.degree; }
  int diffusion_degree() const { return diffusion_.degree; }
  double n_replicas() const { return n_replicas_; }
  const Standardisation& standardisation() const { return standardisation_; }
  /// The part of each drift component's variance that the fit predicts of replicas which it has not seen; below 0 where
  /// it is worse than the mean.
  const Eigen::VectorXd& explained() const { return explained_; }

  /// Of some replicas, to be added up over all: for variance_from().
  std::vector<double> residual_sums(const RegressionData& replicas) const;
  /// Var[b_i|w] at a point from those sums: a quadratic fit (fewer terms where there are few replicas) to the squared
  /// residuals, 0 where that is negative; beyond the data that at their end.
  Eigen::VectorXd variance_from(std::span<const double> residual_sums, std::span<const double> w) const;
  /// How near the next replica must be in scaled coordinates so that no hole is there: a ball of half a unit, or one
  /// that would hold 7 if replicas were spread normally (empty by chance once in a thousand).
  double allowed_gap(std::span<const double> w) const;

 private:
  /// The fit of some columns on the basis up to one degree.
  struct Part {
    int degree = 0;
    int n_terms = 1;
    Eigen::MatrixXd coefficients;          ///< term x column
    std::vector<Eigen::MatrixXd> samples;  ///< the same of every bootstrap sample
    Eigen::LLT<Eigen::MatrixXd> gram;
  };
  /// Where a point's fit is taken and how far it is continued from there.
  struct Place {
    Eigen::VectorXd x;    ///< scaled coordinates
    Eigen::VectorXd way;  ///< on to the point; 0 where it is carried
    double replicas = 0;
  };

  Part fit(const PolynomialSums& sums, int first_column, int n_columns, int degree, const BandWeights& weights) const;
  double leverage(const Eigen::VectorXd& x) const;
  Place place(std::span<const double> w) const;

  Standardisation standardisation_;
  HermiteBasis basis_;
  double n_replicas_ = 0;
  double least_diffusion_ = 0;
  Part drift_;
  Part diffusion_;
  Eigen::VectorXd explained_;
};

/// The highest degree whose terms a tenth of `n_replicas` is enough for, at least 1 and at most 6 (d = 1, 2), 5 (3), 4
/// (4).
int highest_degree(int dimension, double n_replicas);

/// Distance in scaled coordinates from each of the points (n x d) to the nearest of some replicas; infinite where there
/// are none. Of several parts of the replicas the smallest counts.
std::vector<double> nearest_distances(const Standardisation& standardisation, std::span<const double> replicas,
                                      std::span<const double> points);

}  // namespace driftwood::fp
