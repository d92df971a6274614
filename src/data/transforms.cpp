#include "driftwood/data/transforms.hpp"

#include <Eigen/Eigenvalues>

#include "driftwood/core/error.hpp"

namespace driftwood::data {

Dataset whitened(const Dataset& dataset) {
  return whitened(dataset, dataset);
}

Dataset whitened(const Dataset& dataset, const Dataset& reference) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  RowMajor centred = Eigen::Map<const RowMajor>(reference.values.data(), reference.n_samples, reference.n_features);
  const Eigen::RowVectorXd mean = centred.colwise().mean();
  centred.rowwise() -= mean;
  const Eigen::MatrixXd covariance = centred.transpose() * centred / reference.n_samples;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> modes(covariance);
  const double smallest = modes.eigenvalues()(0);
  if (!(smallest > 1e-12 * modes.eigenvalues()(reference.n_features - 1)))
    throw ConfigError(reference.name + ": cannot be whitened: a feature is constant or follows from the others");
  Dataset result = dataset;
  Eigen::Map<RowMajor> values(result.values.data(), dataset.n_samples, dataset.n_features);
  values.rowwise() -= mean;
  values = (values * modes.operatorInverseSqrt()).eval();
  return result;
}

}  // namespace driftwood::data
