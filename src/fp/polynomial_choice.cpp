#include "polynomial_choice.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace driftwood::fp {

namespace {

constexpr int n_folds = 5;
constexpr int n_groups = PolynomialSums::n_groups;
constexpr double ridge = 1e-8;
/// A higher degree must lower the error by this fraction.
constexpr double worth_a_degree = 0.01;

struct ColumnMoments {
  double count = 0;
  Eigen::VectorXd sum;
  Eigen::VectorXd square;
};

ColumnMoments moments_of(const PolynomialSums& sums, int first_column, int n_columns) {
  ColumnMoments moments{0, Eigen::VectorXd::Zero(n_columns), Eigen::VectorXd::Zero(n_columns)};
  for (int group = 0; group < n_groups; ++group) {
    moments.count += sums.count(group);
    moments.sum += sums.products(group).row(0).segment(first_column, n_columns).transpose();  // the first term is 1
    moments.square += sums.squares(group).segment(first_column, n_columns);
  }
  return moments;
}

/// Sum over the replicas of the square of what is left of each column when every fold is predicted from the others.
Eigen::VectorXd squared_errors(const PolynomialSums& sums, int first_column, int n_columns, int n_terms) {
  Eigen::VectorXd errors = Eigen::VectorXd::Zero(n_columns);
  for (int fold = 0; fold < n_folds; ++fold) {
    Eigen::VectorXd others = Eigen::VectorXd::Ones(n_groups);
    for (int group = fold; group < n_groups; group += n_folds) others[group] = 0;
    const NormalEquations equations(sums, first_column, n_columns, n_terms, others);
    const Eigen::MatrixXd fitted = equations.gram.llt().solve(equations.products);
    for (int group = fold; group < n_groups; group += n_folds) {
      const Eigen::MatrixXd products = sums.products(group).block(0, first_column, n_terms, n_columns);
      const Eigen::MatrixXd predicted = sums.gram(group).topLeftCorner(n_terms, n_terms) * fitted;
      errors += sums.squares(group).segment(first_column, n_columns) +
                fitted.cwiseProduct(predicted - 2 * products).colwise().sum().transpose();
    }
  }
  return errors;
}

}  // namespace

Eigen::MatrixXd with_ridge(const Eigen::MatrixXd& gram, double n_replicas) {
  Eigen::MatrixXd result = gram;
  // What keeps the first term invertible matters only where no replica has weight.
  result(0, 0) += std::numeric_limits<double>::min();
  result.diagonal().tail(gram.rows() - 1).array() += ridge * std::max(n_replicas, 1.0);
  return result;
}

NormalEquations::NormalEquations(const PolynomialSums& sums, int first_column, int n_columns, int n_terms,
                                 const Eigen::VectorXd& weight_of_group)
    : gram(Eigen::MatrixXd::Zero(n_terms, n_terms)), products(Eigen::MatrixXd::Zero(n_terms, n_columns)) {
  for (int group = 0; group < n_groups; ++group) {
    const double weight = weight_of_group[group];
    if (weight == 0) continue;
    gram += weight * sums.gram(group).topLeftCorner(n_terms, n_terms);
    products += weight * sums.products(group).block(0, first_column, n_terms, n_columns);
    n_replicas += weight * sums.count(group);
  }
  gram = with_ridge(gram, n_replicas);
}

DegreeChoice::DegreeChoice(const PolynomialSums& sums, int first_column, int n_columns, int wanted) {
  const int d = sums.basis().dimension();
  const ColumnMoments moments = moments_of(sums, first_column, n_columns);
  Eigen::VectorXd variance =
      (moments.square - moments.sum.cwiseAbs2() / moments.count).cwiseMax(0.0);  // times the number of replicas
  for (int column = 0; column < n_columns; ++column)                             // round-off is no variance
    if (variance[column] <= 1e-13 * moments.square[column]) variance[column] = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int degree = wanted > 0 ? wanted : 1; degree <= (wanted > 0 ? wanted : sums.basis().degree()); ++degree) {
    const Eigen::VectorXd errors = squared_errors(sums, first_column, n_columns, HermiteBasis::n_terms(d, degree));
    Eigen::VectorXd unexplained = Eigen::VectorXd::Zero(n_columns);
    for (int column = 0; column < n_columns; ++column)
      if (variance[column] > 0) unexplained[column] = errors[column] / variance[column];
    // Below this, what is left is round-off.
    if (unexplained.sum() >= (1 - worth_a_degree) * least - 1e-12) continue;
    least = unexplained.sum();
    degree_ = degree;
    explained_ = Eigen::VectorXd::Ones(n_columns) - unexplained;
  }
}

}  // namespace driftwood::fp
