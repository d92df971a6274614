#pragma once

#include <mpi.h>

#include "driftwood/mpi/communicator.hpp"

namespace driftwood::mpi {

/// Counters that any rank can add to, alone and at any time: one-sided, in the memory of rank 0.
///
/// Where the network has no atomic operations (TCP), rank 0 serves them only while it is in an MPI call: it must call
/// `serve` now and then in long work without communication.
class SharedCounters {
 public:
  /// All at 0. Collective on `world`.
  SharedCounters(const Communicator& world, int n_counters);
  /// Waits for all ranks. Collective.
  ~SharedCounters();
  SharedCounters(const SharedCounters&) = delete;
  SharedCounters& operator=(const SharedCounters&) = delete;

  /// Adds to a counter and returns what it was before. Not collective.
  long fetch_and_add(int counter, long increment = 1);

  /// Lets other ranks' operations on this rank's memory go on. Not collective.
  void serve() const;

 private:
  MPI_Comm communicator_;
  MPI_Win window_ = MPI_WIN_NULL;
};

}  // namespace driftwood::mpi
