#pragma once

#include <mpi.h>

#include <span>
#include <string>
#include <vector>

namespace driftwood::mpi {

/// Throws LibraryError naming `action` unless `code` is MPI_SUCCESS.
void check(int code, const char* action);

/// MPI for the life of the process. Exactly one, in main(); every handle dies before it.
class Session {
 public:
  Session(int* argc, char*** argv);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
};

/// A duplicated communicator, owned. A `const Communicator&` parameter means: this call is collective on it.
class Communicator {
 public:
  /// A duplicate of `communicator`. Collective on it.
  explicit Communicator(MPI_Comm communicator);
  Communicator(Communicator&& other) noexcept;
  Communicator& operator=(Communicator&& other) noexcept;
  ~Communicator();

  MPI_Comm get() const { return communicator_; }
  int rank() const { return rank_; }
  int size() const { return size_; }
  bool is_root() const { return rank_ == 0; }

  /// The ranks that pass the same `colour`, ordered by their rank here. Collective.
  Communicator split(int colour) const;
  void barrier() const;

  /// Element-wise sum / maximum over the ranks, in place, on every rank. Collective.
  void sum(std::span<double> values) const;
  void max(std::span<double> values) const;
  long sum(long value) const;
  double max(double value) const;
  double min(double value) const;
  /// True where every rank passes true.
  bool all(bool value) const;

  /// Root's bytes on every rank. Collective.
  std::string broadcast(const std::string& root_value) const;
  void broadcast(std::vector<double>& values) const;
  long broadcast(long root_value) const;

  /// The ranks' pieces one after another, in rank order, on every rank. Collective.
  std::vector<double> all_gather(std::span<const double> piece) const;
  std::vector<std::string> all_gather(const std::string& piece) const;

 private:
  struct Adopt {};
  Communicator(Adopt, MPI_Comm communicator);
  void release() noexcept;

  MPI_Comm communicator_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
};

/// Runs `action` on every rank; if it throws on some, every rank throws: the error of the lowest failing rank, with its
/// exit code. So one rank's failure can never leave the others waiting, provided `action` itself is not collective.
/// Collective.
template <class Action>
void agree(const Communicator& communicator, Action&& action);

/// How `agree` reports: `code` 0 = no error on this rank. Collective.
void throw_first_error(const Communicator& communicator, int code, const std::string& message);

/// The part [first, first + count) of n items that `rank` of `size` holds; the parts follow each other and differ by one
/// item at most.
struct Share {
  long first;
  long count;
};
Share share_of(long n, int rank, int size);

}  // namespace driftwood::mpi

#include "driftwood/mpi/agree.inl"
