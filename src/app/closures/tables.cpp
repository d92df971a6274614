#include "tables.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "driftwood/sweep/cost.hpp"

namespace driftwood::app {

Box::Box(int dimension)
    : low(dimension, std::numeric_limits<double>::infinity()),
      high(dimension, -std::numeric_limits<double>::infinity()) {}

void Box::include(int axis, double value) {
  low[axis] = std::min(low[axis], value);
  high[axis] = std::max(high[axis], value);
}

void Box::include(const TrackedSnapshot& snapshot) {
  const std::size_t d = low.size();
  for (std::size_t i = 0; i < snapshot.w.size(); ++i) include(static_cast<int>(i % d), snapshot.w[i]);
}

void Box::widen(double fraction) {
  for (std::size_t k = 0; k < low.size(); ++k) {
    const double margin = std::max(fraction * (high[k] - low[k]), 1e-6 * (1 + std::abs(low[k])));
    low[k] -= margin;
    high[k] += margin;
  }
}

void share_rows(const mpi::Share& share, int width, std::vector<double>& rows, const mpi::Communicator& communicator) {
  rows = communicator.all_gather(std::span(rows).subspan(static_cast<std::size_t>(share.first) * width,
                                                         static_cast<std::size_t>(share.count) * width));
}

int table_nodes(const ClosureInput& input, fp::ClosureKind kind) {
  if (input.config.closure.nodes > 0) return input.config.closure.nodes;
  return sweep::table_nodes(fp::name(kind), input.problem.tracked.dimension());
}

}  // namespace driftwood::app
