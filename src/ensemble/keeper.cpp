#include "driftwood/ensemble/keeper.hpp"

#include <map>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::ensemble {

namespace {

/// The row's parts in their order, `visit(values, count)`.
template <class Each, class Visit>
void for_parts(const TrainingShape& shape, Each& snapshot, Visit visit) {
  visit(snapshot.tracked, shape.dimension);
  visit(snapshot.coefficients.loss, 1);
  if (shape.has_test) visit(snapshot.test_loss, 1);
  visit(snapshot.coefficients.drift, shape.dimension);
  visit(snapshot.coefficients.diffusion, packed_size(shape.dimension));
  if (shape.n_balance > 0) visit(snapshot.balance, shape.n_balance);
}

class MemoryKeeper : public Keeper {
 public:
  std::optional<TrainingState> open(const TrainingShape& shape) override {
    shape_ = shape;
    return {};
  }
  void save(const TrainingState&) override {}
  void finish() override {}
  void put(std::size_t number, const Snapshot& snapshot) override { snapshots_[number] = snapshot; }

  Snapshot get(std::size_t number, mpi::Share replicas, bool with_parameters) const override {
    if (replicas.first != shape_.share.first || replicas.count != shape_.share.count)
      throw InternalError("a training without files knows its own replicas only");
    Snapshot snapshot = snapshots_.at(number);
    if (!with_parameters) snapshot.parameters.clear();
    return snapshot;
  }

 private:
  TrainingShape shape_;
  std::map<std::size_t, Snapshot> snapshots_;
};

}  // namespace

std::shared_ptr<Keeper> memory_keeper() {
  return std::make_shared<MemoryKeeper>();
}

long n_observables(const TrainingShape& shape) {
  return 2L * shape.dimension + packed_size(shape.dimension) + (shape.has_test ? 2 : 1) + shape.n_balance;
}

std::vector<double> observables(const TrainingShape& shape, const Snapshot& snapshot) {
  const std::size_t n = snapshot.coefficients.loss.size();
  std::vector<double> rows;
  rows.reserve(n * static_cast<std::size_t>(n_observables(shape)));
  for (std::size_t r = 0; r < n; ++r)
    for_parts(shape, snapshot, [&](const std::vector<double>& values, int count) {
      const auto first = values.begin() + static_cast<long>(r) * count;
      rows.insert(rows.end(), first, first + count);
    });
  return rows;
}

Snapshot snapshot_of_observables(const TrainingShape& shape, const std::vector<double>& rows) {
  Snapshot snapshot;
  for (auto next = rows.begin(); next != rows.end();)
    for_parts(shape, snapshot, [&](std::vector<double>& values, int count) {
      values.insert(values.end(), next, next + count);
      next += count;
    });
  return snapshot;
}

}  // namespace driftwood::ensemble
