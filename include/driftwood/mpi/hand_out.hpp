#pragma once

#include <functional>
#include <vector>

#include "driftwood/core/work_queue.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/mpi/shared_counters.hpp"

namespace driftwood::mpi {

/// A rank group at work.
struct RankGroup {
  const Communicator& ranks;
  RankRange place;  ///< in the world
};

/// Works on an item with a group; false: the group takes no more. Collective on the group.
using WorkOnItem = std::function<bool(int item, const RankGroup& group)>;

/// Hands the items of the queues out, one after another, to whichever group is free. The queues' group sizes must fall.
/// The world is cut into groups of the first size; a group that finds its queue empty cuts itself into groups of the
/// next size, without waiting for others. Counters 0, 1, ... belong to the queues. What `work` throws on all ranks of a
/// group ends that group's work and goes on up; the others go on. Collective on `world`, but groups return when they
/// find no more work.
void hand_out(const std::vector<WorkQueue>& queues, const Communicator& world, SharedCounters& counters,
              const WorkOnItem& work);

}  // namespace driftwood::mpi
