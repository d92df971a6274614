#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "driftwood/ensemble/ensemble.hpp"
#include "driftwood/fp/coefficients.hpp"

namespace driftwood::test {

/// Drift and diffusion (2.1) of one tracked weight, everything else being one constant: the Kramers-Moyal coefficients
/// of the network itself, without tables.
class NetworkCoefficients : public fp::Coefficients {
 public:
  /// `row`: the parameters of any replica.
  NetworkCoefficients(const ensemble::EnsembleProblem& problem, data::Dataset dataset, std::vector<double> row)
      : network_(problem.network),
        tracked_(problem.tracked),
        options_(nn::coefficient_options(problem.sgd, dataset.n_samples, 0, problem.modified_loss)),
        dataset_(std::move(dataset)),
        row_(std::move(row)) {}

  int dimension() const override { return 1; }
  void evaluate(double, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    std::vector<double> rows;
    for (double value : w) {
      rows.insert(rows.end(), row_.begin(), row_.end());
      rows[rows.size() - row_.size() + tracked_.positions[0]] = value;
    }
    const nn::KramersMoyal values = nn::kramers_moyal(network_, dataset_, tracked_, options_, rows);
    std::copy(values.drift.begin(), values.drift.end(), drift.begin());
    std::copy(values.diffusion.begin(), values.diffusion.end(), diffusion.begin());
  }

 private:
  nn::Network network_;
  nn::TrackedWeights tracked_;
  nn::KramersMoyalOptions options_;
  data::Dataset dataset_;
  std::vector<double> row_;
};

}  // namespace driftwood::test
