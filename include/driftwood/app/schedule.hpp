#pragma once

#include <vector>

namespace driftwood::app {

/// Ranks that work on one point together: `requested`, or, for 0, one while there are at least as many points as ranks,
/// else the ranks divided among the points. Throws ConfigError where more are requested than there are.
int choose_ranks_per_point(int requested, int n_ranks, int n_points);

/// Points (positions in `costs`) for each of `n_groups` rank groups: the most costly first, each to the group with the
/// least work so far. The same on every rank.
std::vector<std::vector<int>> assign_points(const std::vector<double>& costs, int n_groups);

}  // namespace driftwood::app
