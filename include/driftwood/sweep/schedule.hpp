#pragma once

#include <functional>
#include <vector>

#include "driftwood/core/work_queue.hpp"

namespace driftwood::sweep {

/// Which points rank groups of which size work on: queues of falling group size, in each the most costly points first.
/// `costs` are seconds on one rank. `requested` ranks for every point, or, for 0, one rank as long as no point is
/// longer than the whole sweep evenly spread over the ranks; a point that is k times as long gets k ranks, or up to
/// twice as many where that ends the sweep sooner (a power of two where not all points are alike). The same for a
/// continued sweep as for a new one, if `costs` are those of all points. Throws ConfigError where more ranks are
/// requested than there are.
std::vector<WorkQueue> make_schedule(const std::vector<double>& costs, int n_ranks, int requested);

/// The same queues without the items that are not wanted.
std::vector<WorkQueue> only_wanted(std::vector<WorkQueue> queues, const std::function<bool(int item)>& is_wanted);

/// What a schedule comes to.
struct ScheduleForecast {
  double makespan = 0;          ///< s, until the last group is free
  double busy_seconds = 0;      ///< rank-seconds at work, over all ranks
  double last_start = 0;        ///< s, when the last item was handed out: after it ranks only become idle
  std::vector<double> seconds;  ///< of each item, on its group

  double efficiency(int n_ranks) const { return makespan > 0 ? busy_seconds / (makespan * n_ranks) : 1; }
};

/// Seconds that an item takes on so many ranks.
using ItemSeconds = std::function<double(int item, int n_ranks)>;

/// Plays the hand-out of mpi::hand_out with known times: the same groups, cut and served in the same way.
/// `seconds_between` is what handing out one item costs. O(n log P) for n items on P ranks.
ScheduleForecast forecast(const std::vector<WorkQueue>& queues, int n_ranks, const ItemSeconds& item_seconds,
                          double seconds_between = 0);

/// Seconds until `n_ranks` have done the rest of `total` predicted rank-seconds, of which `done` took `spent` so far:
/// the prediction where little is done, what was measured later on.
double seconds_left(double total, double done, double spent, int n_ranks);

}  // namespace driftwood::sweep
