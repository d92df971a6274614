#pragma once

#include <optional>
#include <span>
#include <vector>

namespace driftwood::fp {

/// When and where a process first meets an absorbing wall, from the probability that has left until each snapshot.
struct FirstPassage {
  std::vector<double> survival;  ///< probability of not having left, at each snapshot
  std::vector<double> density;   ///< of the first-passage time, -d(survival)/dt, at each snapshot
  /// Of the exponential tail after the last snapshot: the slowest eigenvalue where it is given, else how survival falls
  /// between the last two snapshots. 0 where nothing leaves any more.
  double tail_rate = 0;
  /// Mean first-passage time, counted from the first snapshot: the integral of survival, exponential between snapshots,
  /// and its tail. Infinite where nothing leaves any more.
  double mean = 0;
  /// Probability of leaving through each face; what is left at the end is shared like the last interval's losses.
  std::vector<double> splitting;
};

/// `times`: ascending, at least 3. `absorbed`: n_times x n_faces, as a solve reports it (low and high face of every
/// axis in turn), from 0 at a start with mass 1. Density: of second order in the time between snapshots, as is the
/// mean. Throws InternalError on sizes that do not match. Pure function.
FirstPassage first_passage(std::span<const double> times, std::span<const double> absorbed,
                           std::optional<double> slowest_rate = {});

}  // namespace driftwood::fp
