#include "driftwood/nn/balance.hpp"

#include <Eigen/Core>
#include <cmath>

namespace driftwood::nn {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// visit(layer, row, column) for every entry that is kept, in order.
template <class Visit>
void for_entries(const Network& network, Visit visit) {
  for (int layer = 1; layer < network.n_layers(); ++layer)
    for (int i = 0; i < network.widths[layer]; ++i)
      for (int j = i; j < network.widths[layer]; ++j) visit(layer, i, j);
}

/// Q_l of one replica.
Eigen::MatrixXd invariant(const Network& network, int layer, const double* row) {
  const auto matrix = [&](int l) {
    return Eigen::Map<const RowMajor>(row + network.weight_offset(l), network.widths[l], network.widths[l - 1]);
  };
  Eigen::MatrixXd q = matrix(layer + 1).transpose() * matrix(layer + 1) - matrix(layer) * matrix(layer).transpose();
  if (!network.biases) return q;
  const Eigen::Map<const Eigen::VectorXd> bias(row + network.bias_offset(layer), network.widths[layer]);
  return q - bias * bias.transpose();
}

}  // namespace

std::vector<std::string> balance_names(const Network& network) {
  std::vector<std::string> names;
  for_entries(network, [&](int layer, int i, int j) {
    names.push_back("Q" + std::to_string(layer) + "[" + std::to_string(i + 1) + "," + std::to_string(j + 1) + "]");
  });
  return names;
}

std::vector<double> balance(const Network& network, std::span<const double> parameters) {
  const std::size_t width = static_cast<std::size_t>(network.n_parameters());
  std::vector<double> values;
  for (std::size_t start = 0; start < parameters.size(); start += width) {
    std::vector<Eigen::MatrixXd> q(1);
    for (int layer = 1; layer < network.n_layers(); ++layer)
      q.push_back(invariant(network, layer, parameters.data() + start));
    for_entries(network, [&](int layer, int i, int j) { values.push_back(q[layer](i, j)); });
  }
  return values;
}

double balance_distance(const Network& network, std::span<const double> a, std::span<const double> b) {
  double square = 0;
  std::size_t at = 0;
  for_entries(network, [&](int, int i, int j) {
    const double difference = a[at] - b[at];
    square += (i == j ? 1 : 2) * difference * difference;
    ++at;
  });
  return std::sqrt(square);
}

}  // namespace driftwood::nn
