#include "driftwood/ensemble/replay.hpp"

#include "local_ensemble.hpp"

namespace driftwood::ensemble {

namespace {

/// Trains step by step from a state, and tells the last step after which the parameters were within bounds.
std::uint32_t last_sound_step(const EnsembleProblem& problem, const data::Split& data, mpi::Share share,
                              const TrainingState& state, std::uint32_t end) {
  LocalEnsemble replica(problem, data, share);
  replica.restore(state);
  for (std::uint32_t step = state.step; step < end; ++step) {
    replica.train(step, 1);
    if (!replica.is_bounded()) return step;
  }
  return end;
}

}  // namespace

ReplicaPath replay(const EnsembleProblem& problem, const data::Split& data, long replica) {
  const mpi::Share share{replica, 1};
  LocalEnsemble alone(problem, data, share);
  ReplicaPath path;
  std::uint32_t step = 0;
  TrainingState before = alone.state(step);
  for (std::size_t number = 0; number < problem.snapshot_steps.size(); ++number) {
    const std::uint32_t next = problem.snapshot_steps[number];
    alone.train(step, next - step);
    path.snapshots.push_back(alone.snapshot(number));
    if (!path.diverged_at && !alone.diverged().empty()) {
      path.diverged_at = alone.diverged().front().step;
      path.last_sound_step = last_sound_step(problem, data, share, before, next);
    }
    step = next;
    if (!path.diverged_at) before = alone.state(step);
  }
  return path;
}

}  // namespace driftwood::ensemble
