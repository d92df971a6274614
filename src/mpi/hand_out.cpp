#include "driftwood/mpi/hand_out.hpp"

#include <optional>

namespace driftwood::mpi {

namespace {

/// The group's next item; -1: there is none. Collective on the group.
int next_item(const WorkQueue& queue, int counter, const Communicator& group, SharedCounters& counters) {
  long place = 0;
  if (group.is_root()) place = counters.fetch_and_add(counter);
  if (group.size() > 1) place = group.broadcast(place);
  return place < static_cast<long>(queue.items.size()) ? queue.items[static_cast<std::size_t>(place)] : -1;
}

}  // namespace

void hand_out(const std::vector<WorkQueue>& queues, const Communicator& world, SharedCounters& counters,
              const WorkOnItem& work) {
  RankRange place{0, world.size()};
  std::optional<Communicator> group;
  for (std::size_t q = 0; q < queues.size(); ++q) {
    const Communicator& whole = group ? *group : world;
    place = part_of(place, queues[q].ranks_per_item, whole.rank());
    group = whole.split(place.first);
    for (int item = next_item(queues[q], static_cast<int>(q), *group, counters); item >= 0;
         item = next_item(queues[q], static_cast<int>(q), *group, counters))
      if (!work(item, {*group, place})) return;
  }
}

}  // namespace driftwood::mpi
