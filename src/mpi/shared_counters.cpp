#include "driftwood/mpi/shared_counters.hpp"

#include <algorithm>

namespace driftwood::mpi {

namespace {
constexpr int host = 0;
}

SharedCounters::SharedCounters(const Communicator& world, int n_counters) : communicator_(world.get()) {
  // Allocated by MPI, so that ranks of one machine can use its shared memory's atomic operations.
  const MPI_Aint n_bytes = world.rank() == host ? n_counters * static_cast<MPI_Aint>(sizeof(long)) : 0;
  long* counters = nullptr;
  check(MPI_Win_allocate(n_bytes, sizeof(long), MPI_INFO_NULL, world.get(), &counters, &window_), "MPI_Win_allocate");
  check(MPI_Win_set_errhandler(window_, MPI_ERRORS_RETURN), "MPI_Win_set_errhandler");
  check(MPI_Win_lock_all(0, window_), "MPI_Win_lock_all");
  if (world.rank() == host) {
    std::fill_n(counters, n_counters, 0L);
    check(MPI_Win_sync(window_), "MPI_Win_sync");
  }
  world.barrier();
}

SharedCounters::~SharedCounters() {
  MPI_Win_unlock_all(window_);
  MPI_Win_free(&window_);
}

long SharedCounters::fetch_and_add(int counter, long increment) {
  long before = 0;
  check(MPI_Fetch_and_op(&increment, &before, MPI_LONG, host, counter, MPI_SUM, window_), "MPI_Fetch_and_op");
  check(MPI_Win_flush(host, window_), "MPI_Win_flush");
  return before;
}

void SharedCounters::serve() const {
  int is_there = 0;
  check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, communicator_, &is_there, MPI_STATUS_IGNORE), "MPI_Iprobe");
}

}  // namespace driftwood::mpi
