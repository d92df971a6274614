// Gradients of whole layers and their noise (equations.md section 2): one parameter vector at a time, its samples the
// columns of a matrix.
#include "driftwood/nn/gradient_moments.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "activated.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::nn {

namespace {

using Eigen::ArrayXd;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// Rows are units, columns samples; a unit's samples lie side by side.
using UnitSamples = RowMajor;

/// Every sample's activities and errors at one parameter vector: what gradients are products of.
class Passes {
 public:
  Passes(const Network& network, const UnitSamples& samples, const VectorXd& parameters)
      : network_(network), value_{samples}, delta_(network.n_layers() + 1) {
    std::vector<UnitSamples> slope{UnitSamples()};
    const int n_layers = network.n_layers();
    for (int l = 1; l <= n_layers; ++l) {
      UnitSamples z = weight(parameters, l) * value_.back();
      if (network.biases) z.colwise() += parameters.segment(network.bias_offset(l), network.widths[l]);
      slope.emplace_back();
      if (l < n_layers) {
        slope.back() = z.unaryExpr([&](double x) { return activated(network.activation, x).second; });
        z = z.unaryExpr([&](double x) { return activated(network.activation, x).first; }).eval();
      }
      value_.push_back(std::move(z));
    }
    delta_[n_layers] = value_.back() - samples;
    for (int l = n_layers; l > 1; --l)
      delta_[l - 1] = (weight(parameters, l).transpose() * delta_[l]).cwiseProduct(slope[l - 1]);
  }

  long n_samples() const { return value_[0].cols(); }

  /// The samples' gradients along the parameter at `position` (without weight decay; a copy's not added).
  ArrayXd of_samples(int position) const {
    int layer = 1;
    while (layer < network_.n_layers() && position >= network_.weight_offset(layer + 1)) ++layer;
    const int n_in = network_.widths[layer - 1];
    const int within = position - network_.weight_offset(layer);
    const int n_weights = n_in * network_.widths[layer];
    if (within >= n_weights) return delta_[layer].row(within - n_weights).array();
    return delta_[layer].row(within / n_in).array() * value_[layer - 1].row(within % n_in).array();
  }

  /// The mean gradient, a tied copy's entry apart from its master's.
  VectorXd mean() const {
    VectorXd gradient(network_.n_parameters());
    const auto n = static_cast<double>(n_samples());
    for (int l = 1; l <= network_.n_layers(); ++l) {
      Eigen::Map<RowMajor>(gradient.data() + network_.weight_offset(l), network_.widths[l], network_.widths[l - 1]) =
          delta_[l] * value_[l - 1].transpose() / n;
      if (network_.biases)
        gradient.segment(network_.bias_offset(l), network_.widths[l]) = delta_[l].rowwise().sum() / n;
    }
    return gradient;
  }

 private:
  Eigen::Map<const RowMajor> weight(const VectorXd& parameters, int layer) const {
    return {parameters.data() + network_.weight_offset(layer), network_.widths[layer], network_.widths[layer - 1]};
  }

  const Network& network_;
  std::vector<UnitSamples> value_;
  std::vector<UnitSamples> delta_;
};

/// Drift and diffusion at one parameter vector after the other.
class Evaluation {
 public:
  Evaluation(const Network& network, const data::Dataset& dataset, const KramersMoyalOptions& options)
      : network_(network),
        options_(options),
        tied_(network.tied_pairs()),
        copy_of_(network.n_parameters(), -1),
        samples_(Eigen::Map<const MatrixXd>(dataset.values.data(), dataset.n_features, dataset.n_samples)) {
    for (const auto& [copy, master] : tied_) copy_of_[master] = copy;
  }

  /// Appends the row of `parameters` to `result`.
  void add_row(std::span<const double> parameters, std::span<const ParameterGroup> groups,
               GradientMoments& result) const {
    VectorXd theta = Eigen::Map<const VectorXd>(parameters.data(), static_cast<long>(parameters.size()));
    for (const auto& [copy, master] : tied_) theta[copy] = theta[master];
    const Passes passes(network_, samples_, theta);
    VectorXd gradient = trained_gradient(passes, theta);
    const VectorXd plain = passes.mean();
    if (options_.modified_loss) gradient += correction(theta, gradient);
    for (const ParameterGroup& group : groups) {
      for (const int position : group.positions) result.drift.push_back(-gradient[position]);
      add_diffusion(passes, group, plain, result.diffusion);
    }
  }

 private:
  bool is_trained(int position) const { return options_.trained.empty() || options_.trained[position] != 0; }

  /// The whole gradient of (1.2) along the trained parameters, 0 along the others and the copies.
  VectorXd trained_gradient(const Passes& passes, const VectorXd& theta) const {
    VectorXd gradient = passes.mean();
    for (const auto& [copy, master] : tied_) gradient[master] += gradient[copy];
    gradient += options_.weight_decay * theta;
    for (int i = 0; i < gradient.size(); ++i)
      if (!is_trained(i)) gradient[i] = 0;
    for (const auto& [copy, master] : tied_) gradient[copy] = 0;
    return gradient;
  }

  VectorXd gradient_at(VectorXd theta) const {
    for (const auto& [copy, master] : tied_) theta[copy] = theta[master];
    return trained_gradient(Passes(network_, samples_, theta), theta);
  }

  /// (eta/2) H grad L of (2.4), H grad L by a central difference along the gradient's own direction.
  VectorXd correction(const VectorXd& theta, const VectorXd& gradient) const {
    const double norm = gradient.norm();
    if (norm == 0) return VectorXd::Zero(gradient.size());
    const double step = 6e-6 * (1 + theta.cwiseAbs().maxCoeff());
    const VectorXd direction = gradient / norm;
    const VectorXd along = gradient_at(theta + step * direction) - gradient_at(theta - step * direction);
    return 0.5 * options_.learning_rate * norm / (2 * step) * along;
  }

  void add_diffusion(const Passes& passes, const ParameterGroup& group, const VectorXd& mean,
                     std::vector<double>& diffusion) const {
    const int n = group.size();
    RowMajor deviation(n, passes.n_samples());
    for (int i = 0; i < n; ++i) {
      const int position = group.positions[i];
      const int copy = copy_of_[position];
      deviation.row(i) = passes.of_samples(position);
      if (copy >= 0) deviation.row(i) += passes.of_samples(copy).matrix().transpose();
      deviation.row(i).array() -= mean[position] + (copy >= 0 ? mean[copy] : 0.0);
      if (!is_trained(position)) deviation.row(i).setZero();
    }
    const double scale = options_.sampling_factor * options_.learning_rate /
                         (2.0 * options_.batch_size * static_cast<double>(passes.n_samples()));
    const auto temperature = [&](int i) { return is_trained(group.positions[i]) ? options_.temperature : 0.0; };
    if (!group.with_covariances) {
      for (int i = 0; i < n; ++i) diffusion.push_back(scale * deviation.row(i).squaredNorm() + temperature(i));
      return;
    }
    const MatrixXd covariance = deviation * deviation.transpose();
    for (int i = 0; i < n; ++i)
      for (int j = i; j < n; ++j) diffusion.push_back(scale * covariance(i, j) + (i == j ? temperature(i) : 0.0));
  }

  const Network& network_;
  const KramersMoyalOptions& options_;
  std::vector<std::pair<int, int>> tied_;
  std::vector<int> copy_of_;  ///< of a master; -1 for others
  UnitSamples samples_;
};

void require_fitting(const Network& network, const data::Dataset& dataset, std::span<const ParameterGroup> groups,
                     const KramersMoyalOptions& options, std::span<const double> parameters) {
  const auto width = static_cast<std::size_t>(network.n_parameters());
  if (parameters.size() % width != 0)
    throw InternalError("gradient_moments: rows of " + std::to_string(width) + " parameters");
  if (dataset.n_features != network.widths[0] || dataset.n_samples < 1)
    throw InternalError("gradient_moments: the data do not fit " + network.describe());
  if (!options.trained.empty() && options.trained.size() != width)
    throw InternalError("gradient_moments: one trained flag a parameter");
  std::vector<char> is_copy(width, 0);
  for (const auto& [copy, master] : network.tied_pairs()) is_copy[copy] = 1;
  for (const ParameterGroup& group : groups)
    for (const int position : group.positions)
      if (position < 0 || position >= static_cast<int>(width) || is_copy[position] != 0)
        throw InternalError("gradient_moments: parameter " + std::to_string(position) + " is none of its own");
}

}  // namespace

GradientMoments gradient_moments(const Network& network, const data::Dataset& dataset,
                                 std::span<const ParameterGroup> groups, const KramersMoyalOptions& options,
                                 std::span<const double> parameters) {
  require_fitting(network, dataset, groups, options, parameters);
  const Evaluation evaluation(network, dataset, options);
  const auto width = static_cast<std::size_t>(network.n_parameters());
  GradientMoments result;
  for (std::size_t start = 0; start < parameters.size(); start += width)
    evaluation.add_row(parameters.subspan(start, width), groups, result);
  return result;
}

}  // namespace driftwood::nn
