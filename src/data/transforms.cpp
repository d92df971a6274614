#include "driftwood/data/transforms.hpp"

#include <Eigen/Eigenvalues>

#include "driftwood/core/error.hpp"

namespace driftwood::data {

Dataset whitened(const Dataset& dataset) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Dataset result = dataset;
  Eigen::Map<RowMajor> values(result.values.data(), dataset.n_samples, dataset.n_features);
  const Eigen::RowVectorXd mean = values.colwise().mean();
  values.rowwise() -= mean;
  const Eigen::MatrixXd covariance = values.transpose() * values / dataset.n_samples;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> modes(covariance);
  const double smallest = modes.eigenvalues()(0);
  if (!(smallest > 1e-12 * modes.eigenvalues()(dataset.n_features - 1)))
    throw ConfigError(dataset.name + ": cannot be whitened: a feature is constant or follows from the others");
  values = (values * modes.operatorInverseSqrt()).eval();
  return result;
}

}  // namespace driftwood::data
