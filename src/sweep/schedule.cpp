#include "driftwood/sweep/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <queue>
#include <string>
#include <utility>

#include "driftwood/core/error.hpp"

namespace driftwood::sweep {

namespace {

/// Ranks that a point is worth: `generosity` times its share of all work, in ranks.
int ranks_worth(double cost, double total, int n_ranks, double generosity) {
  if (!(total > 0)) return 1;
  constexpr double rounding = 1e-9;
  return std::clamp(static_cast<int>(std::floor(generosity * cost / total * n_ranks + rounding)), 1, n_ranks);
}

int power_of_two_below(int n) {
  int power = 1;
  while (2 * power <= n) power *= 2;
  return power;
}

/// Group sizes are few, so that groups can be cut into the next smaller ones.
std::vector<int> group_sizes(const std::vector<double>& costs, int n_ranks, double generosity) {
  const double total = std::accumulate(costs.begin(), costs.end(), 0.0);
  std::vector<int> sizes;
  for (const double cost : costs) sizes.push_back(ranks_worth(cost, total, n_ranks, generosity));
  const bool all_alike = std::adjacent_find(sizes.begin(), sizes.end(), std::not_equal_to<>()) == sizes.end();
  if (!all_alike)
    for (int& size : sizes) size = power_of_two_below(size);
  return sizes;
}

/// Queues for points with given group sizes, the most costly first.
std::vector<WorkQueue> queues_of(const std::vector<double>& costs, const std::vector<int>& sizes) {
  std::vector<int> order(costs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return costs[a] > costs[b]; });
  std::map<int, WorkQueue, std::greater<>> by_size;
  for (const int item : order) {
    WorkQueue& queue = by_size[sizes[item]];
    queue.ranks_per_item = sizes[item];
    queue.items.push_back(item);
  }
  std::vector<WorkQueue> queues;
  for (auto& entry : by_size) queues.push_back(std::move(entry.second));
  return queues;
}

/// Groups at one time of the play: when they are free, which ranks, which queue they look at.
struct FreeGroup {
  double time = 0;
  RankRange place;
  std::size_t queue = 0;
};

/// The earliest first, then in the order of the ranks.
struct Later {
  bool operator()(const FreeGroup& a, const FreeGroup& b) const {
    return a.time != b.time ? a.time > b.time : a.place.first > b.place.first;
  }
};

/// The parts of a group for the queue that it looks at next.
std::vector<FreeGroup> cut(const FreeGroup& group, int ranks_per_item) {
  std::vector<FreeGroup> parts;
  for (int rank = 0; rank < group.place.count;) {
    const RankRange part = part_of(group.place, ranks_per_item, rank);
    parts.push_back({group.time, part, group.queue});
    rank += part.count;
  }
  return parts;
}

}  // namespace

std::vector<WorkQueue> make_schedule(const std::vector<double>& costs, int n_ranks, int requested) {
  if (requested > n_ranks)
    throw ConfigError("run.ranks_per_point = " + std::to_string(requested) + ", but there are only " +
                      std::to_string(n_ranks) + " MPI ranks: start more (mpirun -n) or lower it");
  if (requested > 0) return queues_of(costs, std::vector<int>(costs.size(), requested));
  // Twice the ranks take 0.57 of the time: training gains more, a solve less.
  constexpr double gain = 0.8;
  const auto seconds = [&](int item, int ranks) { return costs[item] / std::pow(ranks, gain); };
  constexpr double worthwhile = 0.95;
  std::vector<WorkQueue> best;
  double shortest = 0;
  for (const double generosity : {1.0, 1.25, 1.5, 2.0}) {
    std::vector<WorkQueue> queues = queues_of(costs, group_sizes(costs, n_ranks, generosity));
    const double makespan = forecast(queues, n_ranks, seconds).makespan;
    if (!best.empty() && makespan >= worthwhile * shortest) continue;
    shortest = makespan;
    best = std::move(queues);
  }
  return best;
}

std::vector<WorkQueue> only_wanted(std::vector<WorkQueue> queues, const std::function<bool(int item)>& is_wanted) {
  for (WorkQueue& queue : queues)
    queue.items.erase(
        std::remove_if(queue.items.begin(), queue.items.end(), [&](int item) { return !is_wanted(item); }),
        queue.items.end());
  return queues;
}

ScheduleForecast forecast(const std::vector<WorkQueue>& queues, int n_ranks, const ItemSeconds& item_seconds,
                          double seconds_between) {
  ScheduleForecast result;
  if (queues.empty()) return result;
  std::size_t n_items = 0;
  for (const WorkQueue& queue : queues) n_items += queue.items.size();
  result.seconds.assign(n_items, 0);
  std::vector<std::size_t> n_taken(queues.size(), 0);
  std::priority_queue<FreeGroup, std::vector<FreeGroup>, Later> groups;
  for (const FreeGroup& group : cut({0, {0, n_ranks}, 0}, queues.front().ranks_per_item)) groups.push(group);
  while (!groups.empty()) {
    FreeGroup group = groups.top();
    groups.pop();
    const WorkQueue& queue = queues[group.queue];
    if (n_taken[group.queue] < queue.items.size()) {
      const int item = queue.items[n_taken[group.queue]++];
      const double seconds = item_seconds(item, group.place.count);
      if (static_cast<std::size_t>(item) >= result.seconds.size()) result.seconds.resize(item + 1, 0);
      result.seconds[item] = seconds;
      result.busy_seconds += seconds * group.place.count;
      result.last_start = std::max(result.last_start, group.time);
      group.time += seconds + seconds_between;
      result.makespan = std::max(result.makespan, group.time);
      groups.push(group);
    } else if (++group.queue < queues.size()) {
      for (const FreeGroup& part : cut(group, queues[group.queue].ranks_per_item)) groups.push(part);
    }
  }
  return result;
}

double seconds_left(double total, double done, double spent, int n_ranks) {
  const double trust = 0.02 * total;  // in the prediction, as if so much of it had come true
  const double correction = trust > 0 ? (spent + trust) / (done + trust) : 1;
  return correction * std::max(0.0, total - done) / n_ranks;
}

}  // namespace driftwood::sweep
