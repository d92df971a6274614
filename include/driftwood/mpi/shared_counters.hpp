#pragma once

#include <mpi.h>

#include <vector>

#include "driftwood/mpi/communicator.hpp"

namespace driftwood::mpi {

/// How ranks reach the counters: one-sided where the MPI has it on this network (in the shared memory of one machine,
/// or on networks with atomic operations), else by messages that rank 0 answers.
enum class CounterAccess { one_sided, messages };

/// Counters in the memory of rank 0 that any rank can add to, alone and at any time.
///
/// By messages, and one-sided where the network needs it, rank 0 answers only while it is in `serve`: it must call that
/// now and then in long work. (Open MPI 4.1 as Debian configures it has no one-sided communication over TCP.)
class SharedCounters {
 public:
  /// All at 0. `access`: the best there is, or, for tests, no better than this. Collective on `world`.
  SharedCounters(const Communicator& world, int n_counters, CounterAccess access = CounterAccess::one_sided);
  /// Rank 0 answers until all ranks have come here. Collective.
  ~SharedCounters();
  SharedCounters(const SharedCounters&) = delete;
  SharedCounters& operator=(const SharedCounters&) = delete;

  CounterAccess access() const { return window_ == MPI_WIN_NULL ? CounterAccess::messages : CounterAccess::one_sided; }

  /// Adds to a counter and returns what it was before. Not collective.
  long fetch_and_add(int counter, long increment = 1);

  /// Lets other ranks' operations on this rank's memory go on. Not collective.
  void serve();

 private:
  bool open_window(int n_counters);
  void answer();

  Communicator ranks_;
  MPI_Win window_ = MPI_WIN_NULL;
  std::vector<long> counters_;  ///< on rank 0, where there is no window
  int n_gone_ = 0;              ///< ranks that will ask no more
};

}  // namespace driftwood::mpi
