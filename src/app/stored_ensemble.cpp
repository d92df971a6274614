#include "driftwood/app/stored_ensemble.hpp"

#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::app {

namespace {

/// Reads what a keeper would have; keeps nothing.
class PointFileReader : public ensemble::Keeper {
 public:
  PointFileReader(std::shared_ptr<const store::StoredPoint> stored, int dimension, std::size_t n_parameters)
      : stored_(std::move(stored)), dimension_(dimension), n_parameters_(n_parameters) {}

  std::optional<ensemble::TrainingState> open(const ensemble::TrainingShape& /*shape*/) override { refuse(); }
  void save(const ensemble::TrainingState& /*state*/) override { refuse(); }
  void finish() override { refuse(); }
  void put(std::size_t /*number*/, const ensemble::Snapshot& /*snapshot*/) override { refuse(); }

  ensemble::Snapshot get(std::size_t number, mpi::Share replicas, bool with_parameters) const override {
    ensemble::Snapshot snapshot;
    snapshot.tracked = rows("weights", number, replicas, dimension_);
    snapshot.coefficients.loss = rows("loss", number, replicas, 1);
    snapshot.coefficients.drift = rows("drift", number, replicas, dimension_);
    snapshot.coefficients.diffusion = rows("diffusion", number, replicas, packed_size(dimension_));
    if (with_parameters && stored_->parameter_names().size() == n_parameters_)
      snapshot.parameters = rows("parameters", number, replicas, n_parameters_);
    return snapshot;
  }

 private:
  [[noreturn]] static void refuse() { throw InternalError("a point's file is not trained into"); }

  std::vector<double> rows(const char* variable, std::size_t snapshot, mpi::Share replicas, std::size_t width) const {
    const std::vector<double> all = stored_->at_snapshot(variable, snapshot);
    const auto first = all.begin() + static_cast<long>(replicas.first * width);
    return {first, first + static_cast<long>(replicas.count * width)};
  }

  std::shared_ptr<const store::StoredPoint> stored_;
  int dimension_;
  std::size_t n_parameters_;
};

}  // namespace

bool keeps_networks(const store::StoredPoint& stored, const ensemble::EnsembleProblem& problem) {
  return static_cast<int>(stored.parameter_names().size()) == problem.network.n_parameters();
}

ensemble::EnsembleResult stored_ensemble(std::shared_ptr<const store::StoredPoint> stored,
                                         const ensemble::EnsembleProblem& problem, const mpi::Communicator& group) {
  ensemble::EnsembleResult result;
  result.n_replicas = stored->n_replicas();
  const mpi::Share share = mpi::share_of(result.n_replicas, group.rank(), group.size());
  result.first_replica = share.first;
  result.n_local = share.count;
  result.steps = stored->steps();
  result.times = stored->times();
  result.kept =
      std::make_shared<PointFileReader>(std::move(stored), problem.tracked.dimension(), problem.network.n_parameters());
  return result;
}

}  // namespace driftwood::app
