#pragma once

#include <Eigen/Core>

#include "driftwood/fp/polynomial_regression.hpp"

namespace driftwood::fp {

/// A Gram matrix of n replicas with the ridge that keeps it invertible: 1e-8 n on the diagonal, but for the constant.
Eigen::MatrixXd with_ridge(const Eigen::MatrixXd& gram, double n_replicas);

/// Ridge regression of some columns on the first terms, the groups of replicas weighted.
struct NormalEquations {
  Eigen::MatrixXd gram;      ///< term x term, with the ridge
  Eigen::MatrixXd products;  ///< term x column
  double n_replicas = 0;

  NormalEquations(const PolynomialSums& sums, int first_column, int n_columns, int n_terms,
                  const Eigen::VectorXd& weight_of_group);
};

/// The degree by cross-validation over fifths of the replicas (PolynomialRegression says the rule).
class DegreeChoice {
 public:
  /// `wanted` > 0: that degree, whatever the others' errors.
  DegreeChoice(const PolynomialSums& sums, int first_column, int n_columns, int wanted);

  int degree() const { return degree_; }
  /// 1 - (mean square error) / variance of every column, predicted by the others; 1 for a column without variance.
  const Eigen::VectorXd& explained() const { return explained_; }

 private:
  int degree_ = 1;
  Eigen::VectorXd explained_;
};

}  // namespace driftwood::fp
