#include "driftwood/app/training_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/row_file.hpp"

namespace driftwood::app {

namespace {

using ensemble::Snapshot;
using ensemble::TrainingShape;
using ensemble::TrainingState;
using store::RowFile;
using store::RowShape;

std::string part_of(const std::string& path) {
  return path + ".part";
}

class TrainingFiles : public ensemble::Keeper {
 public:
  TrainingFiles(const store::RunDirectory& run, const std::string& id, std::uint64_t owner,
                const mpi::Communicator& group, std::function<void(const std::string&)> warn)
      : run_(run), id_(id), owner_(owner), group_(group), warn_(std::move(warn)) {}

  std::optional<TrainingState> open(const TrainingShape& shape) override {
    shape_ = shape;
    if (auto state = resume()) return state;
    mpi::agree(group_, [&] {
      if (!group_.is_root()) return;
      store::make_directory(run_.points());
      remove_training_files(run_, id_);
      RowFile::create(run_.observables_file(id_), observables_shape());
      RowFile::create(run_.parameters_file(id_), parameters_shape());
    });
    open_snapshots();
    return {};
  }

  void save(const TrainingState& state) override {
    const std::string path = run_.checkpoint_file(id_);
    const RowShape shape = checkpoint_shape(state.step);
    mpi::agree(group_, [&] {
      if (group_.is_root()) RowFile::create(part_of(path), shape);
    });
    mpi::agree(group_, [&] {
      sync_snapshots();
      RowFile file(part_of(path), shape);
      file.write(shape_.share.first, state.rows);
      file.sync();
    });
    mpi::agree(group_, [&] {
      if (group_.is_root()) store::rename_file(part_of(path), path);
    });
  }

  /// Opened again, because a network file system shows other machines' writes to newly opened files only.
  void finish() override {
    mpi::agree(group_, [&] {
      sync_snapshots();
      observables_.reset();
      parameters_.reset();
    });
    open_snapshots();
  }

  void put(std::size_t number, const Snapshot& snapshot) override {
    const long row = row_of(number, shape_.share.first);
    observables_->write(row, ensemble::observables(shape_, snapshot));
    parameters_->write(row, snapshot.parameters);
  }

  Snapshot get(std::size_t number, mpi::Share replicas, bool with_parameters) const override {
    const long row = row_of(number, replicas.first);
    Snapshot snapshot = ensemble::snapshot_of_observables(shape_, observables_->read(row, replicas.count));
    if (with_parameters) snapshot.parameters = parameters_->read(row, replicas.count);
    return snapshot;
  }

 private:
  RowShape checkpoint_shape(std::uint64_t step) const { return {owner_, step, shape_.n_replicas, shape_.n_state}; }
  RowShape observables_shape() const { return snapshots_shape(1, ensemble::n_observables(shape_)); }
  RowShape parameters_shape() const { return snapshots_shape(2, shape_.n_kept); }
  RowShape snapshots_shape(std::uint64_t tag, long width) const {
    return {owner_, tag, static_cast<long>(shape_.snapshot_steps.size()) * shape_.n_replicas, width};
  }
  long row_of(std::size_t number, long replica) const {
    return static_cast<long>(number) * shape_.n_replicas + replica;
  }

  void open_snapshots() {
    mpi::agree(group_, [&] {
      observables_ = std::make_unique<RowFile>(run_.observables_file(id_), observables_shape());
      parameters_ = std::make_unique<RowFile>(run_.parameters_file(id_), parameters_shape());
    });
  }

  void sync_snapshots() {
    observables_->sync();
    parameters_->sync();
  }

  /// The checkpoint's step as root finds it; negative: there is none.
  double step_of_checkpoint() const {
    std::vector<double> step{-1};
    mpi::agree(group_, [&] {
      std::error_code ignored;
      const std::string path = run_.checkpoint_file(id_);
      if (!group_.is_root() || !std::filesystem::exists(path, ignored)) return;
      const auto shape = RowFile::shape_of(path);
      if (shape && *shape == checkpoint_shape(shape->tag))
        step[0] = static_cast<double>(shape->tag);
      else
        warn_(path + ": " + (shape ? "of another training or another version" : "damaged") +
              "; training from the start");
    });
    group_.broadcast(step);
    return step[0];
  }

  /// This rank's rows of the checkpoint, after a look at all earlier snapshots.
  TrainingState read_state(std::uint32_t step) const {
    const auto& steps = shape_.snapshot_steps;
    const auto n_done = std::lower_bound(steps.begin(), steps.end(), step) - steps.begin();
    for (long number = 0; number < n_done; ++number) get(static_cast<std::size_t>(number), shape_.share, true);
    const RowFile file(run_.checkpoint_file(id_), checkpoint_shape(step));
    return {step, file.read(shape_.share.first, shape_.share.count)};
  }

  std::optional<TrainingState> resume() {
    const double step = step_of_checkpoint();
    if (step < 0) return {};
    TrainingState state;
    try {
      open_snapshots();
      mpi::agree(group_, [&] { state = read_state(static_cast<std::uint32_t>(step)); });
    } catch (const Error& error) {  // the same on every rank
      if (group_.is_root()) warn_(std::string(error.what()) + "; training from the start");
      return {};
    }
    return state;
  }

  store::RunDirectory run_;
  std::string id_;
  std::uint64_t owner_;
  const mpi::Communicator& group_;
  std::function<void(const std::string&)> warn_;
  TrainingShape shape_;
  std::unique_ptr<RowFile> observables_;
  std::unique_ptr<RowFile> parameters_;
};

}  // namespace

std::shared_ptr<ensemble::Keeper> training_files(const store::RunDirectory& run, const std::string& id,
                                                 std::uint64_t owner, const mpi::Communicator& group,
                                                 std::function<void(const std::string&)> warn) {
  return std::make_shared<TrainingFiles>(run, id, owner, group, std::move(warn));
}

void remove_training_files(const store::RunDirectory& run, const std::string& id) {
  std::error_code ignored;
  const std::string checkpoint = run.checkpoint_file(id);
  for (const std::string& path : {checkpoint, part_of(checkpoint), run.observables_file(id), run.parameters_file(id)})
    std::filesystem::remove(path, ignored);
}

}  // namespace driftwood::app
