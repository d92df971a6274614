#include "journal.hpp"

#include <utility>
#include <vector>

#include "archive.hpp"
#include "stepper.hpp"

namespace driftwood::fp_solver {

Journal::Journal(const SolveHooks& hooks, const mpi::Communicator& communicator)
    : hooks_(hooks), communicator_(communicator), last_save_(Clock::now()) {}

bool Journal::restore(Evolution& evolution, SolveResult& reached) {
  if (!hooks_.keeper) return false;
  const std::vector<double> numbers = hooks_.keeper->load();
  if (numbers.empty()) return false;
  ArchiveReader archive(numbers);
  evolution.restore(archive);
  const auto n_snapshots = static_cast<std::size_t>(archive.get());
  fp::Density density = evolution.density();  // its grid is that of all
  const int d = density.dimension();
  for (std::size_t i = 0; i < n_snapshots; ++i) {
    density.time = archive.get();
    density.frame.centre = archive.get_matrix(d, 1);
    density.frame.scale = archive.get_matrix(d, d);
    density.p = archive.get_values(density.grid.n_cells());
    reached.snapshots.push_back(density);
  }
  reached.absorbed = archive.get_values();
  reached.anomalous_dimension = archive.get_values();
  return true;
}

bool Journal::is_due() const {
  return hooks_.keeper && hooks_.checkpoint_seconds > 0 &&
         std::chrono::duration<double>(Clock::now() - last_save_).count() >= hooks_.checkpoint_seconds;
}

void Journal::after_step(const Evolution& evolution, const SolveResult& reached) {
  const bool is_stopped = hooks_.stop_requested && hooks_.stop_requested();
  std::vector<double> wanted{is_stopped ? 1.0 : 0.0, communicator_.is_root() && is_due() ? 1.0 : 0.0};
  communicator_.max(wanted);
  if (wanted[0] + wanted[1] == 0) return;
  if (hooks_.keeper) save(evolution, reached);
  if (wanted[0] > 0) throw SolveFailure{SolveStatus::stopped, "at t = " + text(evolution.time())};
}

void Journal::save(const Evolution& evolution, const SolveResult& reached) {
  ArchiveWriter archive;
  evolution.save(archive);
  archive.put(static_cast<double>(reached.snapshots.size()));
  for (const fp::Density& density : reached.snapshots) {
    archive.put(density.time);
    archive.put(Eigen::MatrixXd(density.frame.centre));
    archive.put(density.frame.scale);
    archive.put(density.p);
  }
  archive.put(reached.absorbed);
  archive.put(reached.anomalous_dimension);
  hooks_.keeper->save(archive.take());
  last_save_ = Clock::now();
}

}  // namespace driftwood::fp_solver
