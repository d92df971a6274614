#include "driftwood/ensemble/ensemble.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <span>

#include "driftwood/core/error.hpp"

namespace driftwood::ensemble {

namespace {

/// Beyond this a replica counts as diverged: squares would soon overflow.
constexpr double largest_parameter = 1e100;
/// Steps between two reports of progress.
constexpr std::uint32_t steps_per_report = 2000;

/// Row r of an array of `n` rows.
template <class Values>
auto row_of(Values& values, long r, long n) {
  const std::size_t width = values.size() / n;
  return std::span(values).subspan(r * width, width);
}

/// This rank's replicas on their way through the training.
class LocalEnsemble {
 public:
  LocalEnsemble(const EnsembleProblem& problem, const data::Split& data, mpi::Share share)
      : problem_(problem),
        data_(data),
        share_(share),
        trainer_(problem.network, data.train, problem.sgd, problem.random),
        parameters_(initial_parameters(problem, share.first, share.count)),
        state_(static_cast<std::size_t>(share.count) * trainer_.state_size(), 0.0),
        set_aside_(share.count, 0),
        times_(problem.sgd.time_axis().times(problem.snapshot_steps)) {}

  /// Trains the sound replicas.
  void train(std::uint32_t first_step, std::uint32_t n_steps) {
    trainer_.train(parameters_, state_, static_cast<std::uint64_t>(share_.first), first_step, n_steps, set_aside_);
  }

  /// The replicas as they are now. Those that are no longer sound are listed and become NaN, parameters and
  /// coefficients.
  Snapshot snapshot(std::size_t number) {
    const std::uint32_t step = problem_.snapshot_steps[number];
    Snapshot result;
    result.step = step;
    result.time = times_[number];
    result.coefficients = coefficients(step);
    if (data_.test.n_samples > 0)
      result.test_loss = nn::losses(problem_.network, data_.test, problem_.sgd.weight_decay, parameters_);
    for (long r = 0; r < share_.count; ++r) {
      if (set_aside_[r] == 0 && !is_sound(r, result.coefficients)) {
        set_aside_[r] = 1;
        diverged_.push_back({share_.first + r, step});
      }
      if (set_aside_[r] != 0) blank(r, result);
    }
    result.parameters = parameters_;
    return result;
  }

  const std::vector<Divergence>& diverged() const { return diverged_; }

 private:
  nn::KramersMoyal coefficients(std::uint32_t step) const {
    return nn::kramers_moyal(problem_.network, data_.train, problem_.tracked,
                             nn::coefficient_options(problem_.sgd, data_.train.n_samples, step, problem_.modified_loss),
                             parameters_);
  }

  /// Large but finite parameters can have a drift or a diffusion that overflows: no use to anyone either.
  bool is_sound(long r, const nn::KramersMoyal& coefficients) const {
    const auto bounded = [](double x) { return std::abs(x) <= largest_parameter; };
    const auto finite = [](double x) { return std::isfinite(x); };
    return std::ranges::all_of(row_of(parameters_, r, share_.count), bounded) && finite(coefficients.loss[r]) &&
           std::ranges::all_of(row_of(coefficients.drift, r, share_.count), finite) &&
           std::ranges::all_of(row_of(coefficients.diffusion, r, share_.count), finite);
  }

  void blank(long r, Snapshot& snapshot) {
    nn::KramersMoyal& coefficients = snapshot.coefficients;
    for (std::vector<double>* values :
         {&parameters_, &coefficients.loss, &coefficients.drift, &coefficients.diffusion, &snapshot.test_loss})
      std::ranges::fill(row_of(*values, r, share_.count), std::numeric_limits<double>::quiet_NaN());
  }

  const EnsembleProblem& problem_;
  const data::Split& data_;
  mpi::Share share_;
  nn::SgdTrainer trainer_;
  std::vector<double> parameters_;
  std::vector<double> state_;    ///< what the optimiser keeps
  std::vector<char> set_aside_;  ///< one flag a local replica
  std::vector<double> times_;    ///< of the snapshots
  std::vector<Divergence> diverged_;
};

std::vector<Divergence> gather(const std::vector<Divergence>& mine, const mpi::Communicator& communicator) {
  std::vector<double> numbers;
  for (const Divergence& divergence : mine) {
    numbers.push_back(static_cast<double>(divergence.replica));
    numbers.push_back(divergence.step);
  }
  const std::vector<double> all = communicator.all_gather(numbers);
  std::vector<Divergence> diverged;
  for (std::size_t i = 0; i < all.size(); i += 2)
    diverged.push_back({std::lround(all[i]), static_cast<std::uint32_t>(std::lround(all[i + 1]))});
  std::stable_sort(diverged.begin(), diverged.end(),
                   [](const Divergence& a, const Divergence& b) { return a.replica < b.replica; });
  return diverged;
}

}  // namespace

EnsembleResult train_ensemble(const EnsembleProblem& problem, const data::Split& data,
                              const mpi::Communicator& communicator, const Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  const mpi::Share share = mpi::share_of(problem.n_replicas, communicator.rank(), communicator.size());
  EnsembleResult result;
  result.n_replicas = problem.n_replicas;
  result.first_replica = share.first;
  result.n_local = share.count;
  std::vector<Divergence> diverged;
  mpi::agree(communicator, [&] {
    if (!std::is_sorted(problem.snapshot_steps.begin(), problem.snapshot_steps.end()))
      throw InternalError("snapshot steps must ascend");
    LocalEnsemble replicas(problem, data, share);
    std::uint32_t step = 0;
    for (std::size_t number = 0; number < problem.snapshot_steps.size(); ++number) {
      const std::uint32_t snapshot_step = problem.snapshot_steps[number];
      while (step < snapshot_step) {
        const std::uint32_t n_steps = std::min(steps_per_report, snapshot_step - step);
        replicas.train(step, n_steps);
        step += n_steps;
        if (progress && communicator.is_root())
          progress(static_cast<double>(step) / std::max(1u, problem.snapshot_steps.back()));
      }
      result.snapshots.push_back(replicas.snapshot(number));
    }
    diverged = replicas.diverged();
  });
  result.diverged = gather(diverged, communicator);
  result.seconds = communicator.max(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return result;
}

}  // namespace driftwood::ensemble
