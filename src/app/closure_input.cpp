#include "driftwood/app/closure_input.hpp"

#include <cmath>

#include "driftwood/core/packed.hpp"

namespace driftwood::app {

TrackedSnapshot tracked_part(const ensemble::Snapshot& all, int dimension, long first_replica) {
  const auto d = static_cast<std::size_t>(dimension);
  const auto n_pairs = static_cast<std::size_t>(packed_size(dimension));
  TrackedSnapshot tracked;
  const auto take = [](const std::vector<double>& from, std::size_t r, std::size_t width, std::vector<double>& to) {
    const auto first = from.begin() + static_cast<long>(r * width);
    to.insert(to.end(), first, first + static_cast<long>(width));
  };
  for (std::size_t r = 0; r < all.coefficients.loss.size(); ++r) {
    if (!std::isfinite(all.tracked[r * d])) continue;
    tracked.replica.push_back(first_replica + static_cast<long>(r));
    take(all.tracked, r, d, tracked.w);
    take(all.coefficients.drift, r, d, tracked.drift);
    take(all.coefficients.diffusion, r, n_pairs, tracked.diffusion);
  }
  return tracked;
}

TrackedSnapshot TrackedHistory::operator[](std::size_t number) const {
  return tracked_part(ensemble_.all_replicas(number), problem_.tracked.dimension(), 0);
}

std::vector<std::vector<double>> mean_parameters(const ensemble::EnsembleProblem& problem,
                                                 const ensemble::EnsembleResult& ensemble,
                                                 const mpi::Communicator& communicator) {
  const std::size_t n_parameters = problem.network.n_parameters();
  std::vector<std::vector<double>> means;
  for (std::size_t number = 0; number < ensemble.n_snapshots(); ++number) {
    ensemble::Snapshot snapshot;
    mpi::agree(communicator, [&] { snapshot = ensemble.snapshot(number); });
    std::vector<double> sum(n_parameters + 1, 0.0);
    for (long r = 0; r < ensemble.n_local; ++r) {
      const double* row = snapshot.parameters.data() + r * n_parameters;
      if (!std::isfinite(row[0])) continue;
      for (std::size_t i = 0; i < n_parameters; ++i) sum[i] += row[i];
      sum.back() += 1;
    }
    communicator.sum(sum);
    const double n = sum.back();
    sum.pop_back();
    for (double& value : sum) value /= n;
    means.push_back(std::move(sum));
  }
  return means;
}

std::vector<double> fixed_parameters(const ensemble::EnsembleProblem& problem) {
  std::vector<double> parameters =
      problem.initial.others_shared ? ensemble::initial_parameters(problem, 0, 1) : problem.initial.mean;
  for (int position : problem.tracked.positions) parameters[position] = problem.initial.mean[position];
  return parameters;
}

}  // namespace driftwood::app
