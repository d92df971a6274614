#include "driftwood/app/schedule.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "driftwood/core/error.hpp"

namespace driftwood::app {

int choose_ranks_per_point(int requested, int n_ranks, int n_points) {
  if (requested > n_ranks)
    throw ConfigError("run.ranks_per_point = " + std::to_string(requested) + ", but there are only " +
                      std::to_string(n_ranks) + " MPI ranks: start more (mpirun -n) or lower it");
  if (requested > 0) return requested;
  return std::max(1, n_ranks / std::max(1, n_points));
}

std::vector<std::vector<int>> assign_points(const std::vector<double>& costs, int n_groups) {
  std::vector<int> order(costs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return costs[a] > costs[b]; });
  std::vector<double> load(n_groups, 0.0);
  std::vector<std::vector<int>> points(n_groups);
  for (int point : order) {
    const long group = std::min_element(load.begin(), load.end()) - load.begin();
    load[group] += costs[point];
    points[group].push_back(point);
  }
  return points;
}

}  // namespace driftwood::app
