#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "lane_block.hpp"

namespace driftwood::nn {

/// Rows of parameters and of the optimiser's state, trained block by block.
template <class Number>
class BlockTrainer {
 public:
  static constexpr int n_side_by_side = lane_count<Number>;

  BlockTrainer(const KernelProblemOf<Number>& problem, const TrainFunctions<Number>& functions, const TrainTask& task,
               std::span<double> parameters, std::span<double> state)
      : problem_(problem),
        functions_(functions),
        task_(task),
        parameters_(parameters),
        state_(state),
        first_replica_(task.first_replica),
        width_(problem.n_parameters),
        state_width_(state_vectors(task.optimiser) * width_),
        lanes_(static_cast<std::size_t>(width_) * n_side_by_side),
        state_lanes_(static_cast<std::size_t>(state_width_) * n_side_by_side),
        scratch_(scratch_size(problem)) {}

  /// The block of replicas that starts at row `first`, side by side.
  void train_block(long first) {
    load_lanes(parameters_, width_, first, lanes_.data());
    if (state_width_ > 0) load_lanes(state_, state_width_, first, state_lanes_.data());
    run(functions_.replicas, first);
    store_lanes(lanes_.data(), width_, first, parameters_);
    if (state_width_ > 0) store_lanes(state_lanes_.data(), state_width_, first, state_);
  }

  /// The replica of row r alone.
  void train_alone(long r) {
    const auto row = parameters_.subspan(static_cast<std::size_t>(r) * width_, width_);
    const auto own = state_.subspan(static_cast<std::size_t>(r) * state_width_, state_width_);
    std::copy(row.begin(), row.end(), lanes_.data());
    std::copy(own.begin(), own.end(), state_lanes_.data());
    run(functions_.one, r);
    std::copy_n(lanes_.data(), width_, row.begin());
    std::copy_n(state_lanes_.data(), state_width_, own.begin());
  }

 private:
  void run(typename TrainFunctions<Number>::Function* train, long row) {
    task_.first_replica = first_replica_ + static_cast<std::uint64_t>(row);
    train(problem_, task_, lanes_.data(), state_lanes_.data(), scratch_.data());
  }

  const KernelProblemOf<Number>& problem_;
  const TrainFunctions<Number>& functions_;
  TrainTask task_;
  std::span<double> parameters_;
  std::span<double> state_;
  std::uint64_t first_replica_;
  int width_;
  int state_width_;
  AlignedBuffer<Number> lanes_;
  AlignedBuffer<Number> state_lanes_;
  AlignedBuffer<Number> scratch_;
};

}  // namespace driftwood::nn
