#include "driftwood/mpi/shared_counters.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

namespace driftwood::mpi {

namespace {

constexpr int host = 0;
constexpr int question_tag = 1;
constexpr int answer_tag = 2;
constexpr long farewell = -1;  ///< in place of a counter

/// A counter and what to add.
using Question = std::array<long, 2>;

}  // namespace

SharedCounters::SharedCounters(const Communicator& world, int n_counters, CounterAccess access)
    : ranks_(world.get()), counters_(static_cast<std::size_t>(n_counters), 0) {
  const bool is_open = access == CounterAccess::one_sided && open_window(n_counters);
  if (!is_open) window_ = MPI_WIN_NULL;
  ranks_.barrier();
}

/// Allocated by MPI, so that ranks of one machine can use its shared memory's atomic operations. False, on every rank,
/// where this MPI has no one-sided communication on this network.
bool SharedCounters::open_window(int n_counters) {
  const MPI_Aint n_bytes = ranks_.rank() == host ? n_counters * static_cast<MPI_Aint>(sizeof(long)) : 0;
  long* counters = nullptr;
  const int code = MPI_Win_allocate(n_bytes, sizeof(long), MPI_INFO_NULL, ranks_.get(), &counters, &window_);
  if (!ranks_.all(code == MPI_SUCCESS)) return false;
  check(MPI_Win_set_errhandler(window_, MPI_ERRORS_RETURN), "MPI_Win_set_errhandler");
  check(MPI_Win_lock_all(0, window_), "MPI_Win_lock_all");
  if (ranks_.rank() == host) {
    std::fill_n(counters, n_counters, 0L);
    check(MPI_Win_sync(window_), "MPI_Win_sync");
  }
  return true;
}

SharedCounters::~SharedCounters() {
  if (access() == CounterAccess::one_sided) {
    MPI_Win_unlock_all(window_);
    MPI_Win_free(&window_);
  } else if (ranks_.rank() == host) {
    for (; n_gone_ < ranks_.size() - 1; serve()) std::this_thread::sleep_for(std::chrono::microseconds(100));
  } else {
    const Question question{farewell, 0};
    MPI_Send(question.data(), 2, MPI_LONG, host, question_tag, ranks_.get());
  }
}

long SharedCounters::fetch_and_add(int counter, long increment) {
  long before = 0;
  if (access() == CounterAccess::one_sided) {
    check(MPI_Fetch_and_op(&increment, &before, MPI_LONG, host, counter, MPI_SUM, window_), "MPI_Fetch_and_op");
    check(MPI_Win_flush(host, window_), "MPI_Win_flush");
    return before;
  }
  if (ranks_.rank() == host) {
    serve();
    before = counters_.at(static_cast<std::size_t>(counter));
    counters_[static_cast<std::size_t>(counter)] += increment;
    return before;
  }
  const Question question{counter, increment};
  check(MPI_Send(question.data(), 2, MPI_LONG, host, question_tag, ranks_.get()), "MPI_Send");
  check(MPI_Recv(&before, 1, MPI_LONG, host, answer_tag, ranks_.get(), MPI_STATUS_IGNORE), "MPI_Recv");
  return before;
}

void SharedCounters::serve() {
  for (int is_asked = 1; is_asked != 0;) {
    check(MPI_Iprobe(MPI_ANY_SOURCE, question_tag, ranks_.get(), &is_asked, MPI_STATUS_IGNORE), "MPI_Iprobe");
    if (is_asked != 0) answer();
  }
}

void SharedCounters::answer() {
  Question question{};
  MPI_Status status;
  check(MPI_Recv(question.data(), 2, MPI_LONG, MPI_ANY_SOURCE, question_tag, ranks_.get(), &status), "MPI_Recv");
  if (question[0] == farewell) {
    ++n_gone_;
    return;
  }
  long& counter = counters_.at(static_cast<std::size_t>(question[0]));
  const long before = counter;
  counter += question[1];
  check(MPI_Send(&before, 1, MPI_LONG, status.MPI_SOURCE, answer_tag, ranks_.get()), "MPI_Send");
}

}  // namespace driftwood::mpi
