#include "driftwood/ensemble/ensemble.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "local_ensemble.hpp"

namespace driftwood::ensemble {

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Cuts the training into calls of a few seconds, and says what happens between them: the same on every rank.
class Pace {
 public:
  Pace(const TrainingHooks& hooks, const mpi::Communicator& communicator)
      : hooks_(hooks), communicator_(communicator), last_call_(now()), last_save_(last_call_) {}

  /// Steps of the next call.
  std::uint32_t n_steps() const { return n_steps_; }
  void begin_call() { last_call_ = now(); }

  struct Orders {
    bool stop;
    bool save;
  };

  /// After a call of `n_done` steps. Collective.
  Orders after(std::uint32_t n_done) {
    const double elapsed = std::max(now() - last_call_, 1e-9);
    const double wanted = std::clamp(n_done * seconds_per_call() / elapsed, 1.0, std::min(10.0 * n_steps_, 1e9));
    const bool asked = hooks_.stop_requested && hooks_.stop_requested();
    const double root = communicator_.is_root() ? 1 : 0;
    double orders[] = {asked ? 1.0 : 0.0, root * (is_due(hooks_.checkpoint_seconds) ? 1 : 0), root * wanted};
    communicator_.max(orders);
    n_steps_ = static_cast<std::uint32_t>(orders[2]);
    return {orders[0] > 0, orders[0] > 0 || orders[1] > 0};
  }

  void saved() { last_save_ = now(); }

  /// Whether so much was done since the last save that what follows the training should not cost it. Collective.
  bool should_save_the_end() const { return communicator_.max(is_due(hooks_.checkpoint_seconds / 10) ? 1.0 : 0.0) > 0; }

 private:
  /// Short enough to stop soon and to save in time.
  double seconds_per_call() const {
    return hooks_.checkpoint_seconds > 0 ? std::min(2.0, hooks_.checkpoint_seconds) : 2.0;
  }
  bool is_due(double seconds) const { return hooks_.checkpoint_seconds > 0 && now() - last_save_ >= seconds; }

  const TrainingHooks& hooks_;
  const mpi::Communicator& communicator_;
  std::uint32_t n_steps_ = 100;
  double last_call_;
  double last_save_;
};

/// One training from where it stands to its end, or to where it is stopped.
class Training {
 public:
  Training(const EnsembleProblem& problem, const data::Split& data, const mpi::Communicator& communicator,
           const TrainingHooks& hooks, Keeper& keeper)
      : problem_(problem), communicator_(communicator), hooks_(hooks), keeper_(keeper), pace_(hooks, communicator) {
    const mpi::Share share = mpi::share_of(problem.n_replicas, communicator.rank(), communicator.size());
    mpi::agree(communicator, [&] { replicas_ = std::make_unique<LocalEnsemble>(problem, data, share); });
    if (const auto state = keeper.open(replicas_->shape())) {
      mpi::agree(communicator, [&] { replicas_->restore(*state); });
      step_ = first_step_ = state->step;
    }
  }

  /// Whether the end was reached. Collective.
  bool run() {
    const std::vector<std::uint32_t>& steps = problem_.snapshot_steps;
    const auto first = std::lower_bound(steps.begin(), steps.end(), step_) - steps.begin();
    for (std::size_t number = static_cast<std::size_t>(first); number < steps.size(); ++number) {
      if (!train_until(steps[number])) return false;
      mpi::agree(communicator_, [&] { keeper_.put(number, replicas_->snapshot(number)); });
    }
    if (pace_.should_save_the_end()) keeper_.save(replicas_->state(step_));
    keeper_.finish();
    return true;
  }

  const LocalEnsemble& replicas() const { return *replicas_; }
  std::uint32_t first_step() const { return first_step_; }

 private:
  bool train_until(std::uint32_t end) {
    while (step_ < end) {
      const std::uint32_t n_steps = std::min(pace_.n_steps(), end - step_);
      pace_.begin_call();
      mpi::agree(communicator_, [&] { replicas_->train(step_, n_steps); });
      step_ += n_steps;
      if (hooks_.progress && communicator_.is_root())
        hooks_.progress(static_cast<double>(step_) / std::max(1u, problem_.snapshot_steps.back()));
      const Pace::Orders orders = pace_.after(n_steps);
      if (orders.save) {
        keeper_.save(replicas_->state(step_));
        pace_.saved();
      }
      if (orders.stop) return false;
    }
    return true;
  }

  const EnsembleProblem& problem_;
  const mpi::Communicator& communicator_;
  const TrainingHooks& hooks_;
  Keeper& keeper_;
  Pace pace_;
  std::unique_ptr<LocalEnsemble> replicas_;
  std::uint32_t first_step_ = 0;
  std::uint32_t step_ = 0;
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

Snapshot EnsembleResult::snapshot(std::size_t number) const {
  Snapshot snapshot = kept->get(number, {first_replica, n_local}, true);
  snapshot.step = steps.at(number);
  snapshot.time = times.at(number);
  return snapshot;
}

Snapshot EnsembleResult::all_replicas(std::size_t number, bool with_parameters) const {
  Snapshot snapshot = kept->get(number, {0, n_replicas}, with_parameters);
  snapshot.step = steps.at(number);
  snapshot.time = times.at(number);
  return snapshot;
}

EnsembleResult train_ensemble(const EnsembleProblem& problem, const data::Split& data,
                              const mpi::Communicator& communicator, const TrainingHooks& hooks) {
  const double start = now();
  const std::shared_ptr<Keeper> keeper = hooks.keeper ? hooks.keeper : memory_keeper();
  Training training(problem, data, communicator, hooks, *keeper);
  const bool complete = training.run();
  const TrainingShape shape = training.replicas().shape();
  EnsembleResult result;
  result.n_replicas = problem.n_replicas;
  result.first_replica = shape.share.first;
  result.n_local = shape.share.count;
  result.complete = complete;
  result.first_step = training.first_step();
  result.steps = problem.snapshot_steps;
  result.times = problem.sgd.time_axis().times(problem.snapshot_steps);
  result.kept = keeper;
  result.diverged = gather(training.replicas().diverged(), communicator);
  result.seconds = communicator.max(now() - start);
  return result;
}

}  // namespace driftwood::ensemble
