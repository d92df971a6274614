#include "driftwood/app/diagnostics.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "driftwood/nn/training.hpp"

namespace driftwood::app {

namespace {

/// Replicas whose drift is computed with the learning rate's term.
constexpr long n_probed = 250;

/// A correlation of something that spreads less than this, relative to its size, is one of round-off.
constexpr double least_spread = 1e-12;

/// Sums over replicas of products of deviations from the mean: of every tracked weight with every parameter.
class Covariances {
 public:
  Covariances(const nn::TrackedWeights& tracked, const std::vector<double>& mean)
      : tracked_(tracked), mean_(mean), products_(tracked.dimension() * mean.size()), squares_(mean.size()) {}

  void add(const double* parameters) {
    for (std::size_t j = 0; j < mean_.size(); ++j) {
      const double deviation = parameters[j] - mean_[j];
      squares_[j] += deviation * deviation;
      for (int k = 0; k < tracked_.dimension(); ++k) {
        const int own = tracked_.positions[k];
        products_[k * mean_.size() + j] += deviation * (parameters[own] - mean_[own]);
      }
    }
  }

  /// Over all ranks. Collective.
  void join(const mpi::Communicator& communicator) {
    communicator.sum(products_);
    communicator.sum(squares_);
  }

  double correlation(int tracked, std::size_t parameter) const {
    const auto spreads = [&](std::size_t i) { return squares_[i] > std::pow(least_spread * mean_[i], 2); };
    const std::size_t own = tracked_.positions[tracked];
    if (!spreads(own) || !spreads(parameter)) return 0;
    return products_[tracked * mean_.size() + parameter] / std::sqrt(squares_[own] * squares_[parameter]);
  }

 private:
  const nn::TrackedWeights& tracked_;
  const std::vector<double>& mean_;
  std::vector<double> products_;
  std::vector<double> squares_;
};

/// The largest correlation of each tracked weight with each layer.
std::vector<double> by_layer(const Covariances& covariances, const ensemble::EnsembleProblem& problem) {
  const nn::Network& network = problem.network;
  const int n_layers = network.n_layers();
  const auto& tracked = problem.tracked.positions;
  std::vector<double> largest(tracked.size() * n_layers, 0.0);
  for (const int position : nn::own_parameters(network).positions) {
    if (std::find(tracked.begin(), tracked.end(), position) != tracked.end()) continue;
    int layer = 1;
    while (layer < n_layers && position >= network.weight_offset(layer + 1)) ++layer;
    for (std::size_t k = 0; k < tracked.size(); ++k) {
      double& entry = largest[k * n_layers + layer - 1];
      entry = std::max(entry, std::abs(covariances.correlation(static_cast<int>(k), position)));
    }
  }
  return largest;
}

double squares_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum;
}

/// Sums of squares over these rows: of the drift (2.1), and of the term that (2.4) adds.
std::pair<double, double> drift_and_term(const ClosureInput& input, const std::vector<double>& rows,
                                         std::uint32_t step) {
  const auto drift = [&](bool modified_loss) {
    return nn::kramers_moyal(input.problem.network, input.dataset, input.problem.tracked,
                             nn::coefficient_options(input.problem.sgd, input.dataset.n_samples, step, modified_loss),
                             rows)
        .drift;
  };
  const std::vector<double> plain = drift(false);
  std::vector<double> term = drift(true);
  for (std::size_t i = 0; i < term.size(); ++i) term[i] -= plain[i];
  return {squares_of(plain), squares_of(term)};
}

}  // namespace

EnsembleDiagnostics diagnose(const ClosureInput& input, const mpi::Communicator& communicator) {
  EnsembleDiagnostics result;
  const std::size_t width = input.problem.network.n_parameters();
  const long stride = std::max(1L, input.ensemble.n_replicas / n_probed);
  const bool is_plain = input.problem.sgd.optimiser == nn::Optimiser::sgd;
  for (std::size_t k = 0; k < input.mean_parameters.size(); ++k) {
    Covariances covariances(input.problem.tracked, input.mean_parameters[k]);
    std::vector<double> sums(2, 0.0);
    mpi::agree(communicator, [&] {
      const ensemble::Snapshot local = input.ensemble.snapshot(k);
      std::vector<double> probed;
      for (long r = 0; r < input.ensemble.n_local; ++r) {
        const double* row = local.parameters.data() + r * static_cast<long>(width);
        if (!std::isfinite(row[0])) continue;
        covariances.add(row);
        if ((input.ensemble.first_replica + r) % stride == 0) probed.insert(probed.end(), row, row + width);
      }
      if (is_plain && !probed.empty()) std::tie(sums[0], sums[1]) = drift_and_term(input, probed, local.step);
    });
    covariances.join(communicator);
    communicator.sum(sums);
    const std::vector<double> largest = by_layer(covariances, input.problem);
    result.layer_correlation.insert(result.layer_correlation.end(), largest.begin(), largest.end());
    if (is_plain) result.learning_rate_term.push_back(sums[0] > 0 ? std::sqrt(sums[1] / sums[0]) : 0.0);
  }
  return result;
}

}  // namespace driftwood::app
