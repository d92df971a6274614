#pragma once

#include <Eigen/Core>
#include <array>
#include <vector>

namespace driftwood::fp {

/// Products of normalised Hermite polynomials of x1 .. xd, d <= 4, up to a total degree, in ascending order of it (so
/// that the terms of a lower degree come first): orthonormal where x is standard normal, which keeps a regression on
/// them well conditioned where x is centred and scaled.
class HermiteBasis {
 public:
  /// Throws InternalError unless d = 1..4 and `degree` >= 0.
  HermiteBasis(int dimension, int degree);

  int dimension() const { return dimension_; }
  int degree() const { return degree_; }
  int size() const { return static_cast<int>(powers_.size()); }
  /// The number of terms up to total degree `degree`: (d + degree)! / (d! degree!).
  static int n_terms(int dimension, int degree);

  /// All terms at one point.
  Eigen::VectorXd values(const Eigen::VectorXd& x) const;
  /// Their derivatives, term x d.
  Eigen::MatrixXd slopes(const Eigen::VectorXd& x) const;

 private:
  using Powers = std::array<int, 4>;

  /// The polynomials of one coordinate each, (degree + 1) x d.
  Eigen::MatrixXd of_each_axis(const Eigen::VectorXd& x) const;

  int dimension_;
  int degree_;
  std::vector<Powers> powers_;
};

}  // namespace driftwood::fp
