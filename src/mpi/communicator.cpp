#include "driftwood/mpi/communicator.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "driftwood/core/error.hpp"

namespace driftwood::mpi {

void check(int code, const char* action) {
  if (code == MPI_SUCCESS) return;
  char reason[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, reason, &length);
  throw LibraryError(std::string(action) + " failed: " + reason);
}

namespace {

int checked_count(std::size_t n, const char* action) {
  if (n > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw InternalError(std::string(action) + ": " + std::to_string(n) + " items are more than one MPI message holds");
  return static_cast<int>(n);
}

std::vector<int> displacements(const std::vector<int>& counts, const char* action) {
  std::vector<int> starts(counts.size(), 0);
  std::size_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    starts[i] = checked_count(total, action);
    total += counts[i];
  }
  checked_count(total, action);
  return starts;
}

template <class T>
std::vector<T> gather_pieces(MPI_Comm communicator, int size, MPI_Datatype type, const T* piece, std::size_t n,
                             std::vector<int>& counts) {
  const int mine = checked_count(n, "MPI_Allgatherv");
  counts.assign(size, 0);
  check(MPI_Allgather(&mine, 1, MPI_INT, counts.data(), 1, MPI_INT, communicator), "MPI_Allgather");
  const std::vector<int> starts = displacements(counts, "MPI_Allgatherv");
  std::vector<T> all(static_cast<std::size_t>(starts.back()) + counts.back());
  check(MPI_Allgatherv(piece, mine, type, all.data(), counts.data(), starts.data(), type, communicator),
        "MPI_Allgatherv");
  return all;
}

}  // namespace

Session::Session(int* argc, char*** argv) {
  check(MPI_Init(argc, argv), "MPI_Init");
  check(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
}

Session::~Session() { MPI_Finalize(); }

Communicator::Communicator(MPI_Comm communicator) {
  check(MPI_Comm_dup(communicator, &communicator_), "MPI_Comm_dup");
  check(MPI_Comm_set_errhandler(communicator_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  MPI_Comm_rank(communicator_, &rank_);
  MPI_Comm_size(communicator_, &size_);
}

Communicator::Communicator(Adopt, MPI_Comm communicator) : communicator_(communicator) {
  MPI_Comm_rank(communicator_, &rank_);
  MPI_Comm_size(communicator_, &size_);
}

Communicator::Communicator(Communicator&& other) noexcept
    : communicator_(std::exchange(other.communicator_, MPI_COMM_NULL)), rank_(other.rank_), size_(other.size_) {}

Communicator& Communicator::operator=(Communicator&& other) noexcept {
  if (this != &other) {
    release();
    communicator_ = std::exchange(other.communicator_, MPI_COMM_NULL);
    rank_ = other.rank_;
    size_ = other.size_;
  }
  return *this;
}

Communicator::~Communicator() { release(); }

void Communicator::release() noexcept {
  if (communicator_ != MPI_COMM_NULL) MPI_Comm_free(&communicator_);
}

Communicator Communicator::split(int colour) const {
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(communicator_, colour, rank_, &part), "MPI_Comm_split");
  return Communicator(Adopt{}, part);
}

void Communicator::barrier() const { check(MPI_Barrier(communicator_), "MPI_Barrier"); }

void Communicator::sum(std::span<double> values) const {
  check(MPI_Allreduce(MPI_IN_PLACE, values.data(), checked_count(values.size(), "MPI_Allreduce"), MPI_DOUBLE, MPI_SUM,
                      communicator_),
        "MPI_Allreduce");
}

void Communicator::max(std::span<double> values) const {
  check(MPI_Allreduce(MPI_IN_PLACE, values.data(), checked_count(values.size(), "MPI_Allreduce"), MPI_DOUBLE, MPI_MAX,
                      communicator_),
        "MPI_Allreduce");
}

long Communicator::sum(long value) const {
  check(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_LONG, MPI_SUM, communicator_), "MPI_Allreduce");
  return value;
}

double Communicator::max(double value) const {
  check(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, communicator_), "MPI_Allreduce");
  return value;
}

double Communicator::min(double value) const { return -max(-value); }

bool Communicator::all(bool value) const { return min(value ? 1.0 : 0.0) > 0.5; }

std::string Communicator::broadcast(const std::string& root_value) const {
  long length = static_cast<long>(root_value.size());
  check(MPI_Bcast(&length, 1, MPI_LONG, 0, communicator_), "MPI_Bcast");
  std::string value = is_root() ? root_value : std::string(static_cast<std::size_t>(length), '\0');
  check(MPI_Bcast(value.data(), checked_count(value.size(), "MPI_Bcast"), MPI_CHAR, 0, communicator_), "MPI_Bcast");
  return value;
}

void Communicator::broadcast(std::vector<double>& values) const {
  long length = static_cast<long>(values.size());
  check(MPI_Bcast(&length, 1, MPI_LONG, 0, communicator_), "MPI_Bcast");
  values.resize(static_cast<std::size_t>(length));
  check(MPI_Bcast(values.data(), checked_count(values.size(), "MPI_Bcast"), MPI_DOUBLE, 0, communicator_), "MPI_Bcast");
}

long Communicator::broadcast(long root_value) const {
  check(MPI_Bcast(&root_value, 1, MPI_LONG, 0, communicator_), "MPI_Bcast");
  return root_value;
}

std::vector<double> Communicator::all_gather(std::span<const double> piece) const {
  std::vector<int> counts;
  return gather_pieces(communicator_, size_, MPI_DOUBLE, piece.data(), piece.size(), counts);
}

std::vector<std::string> Communicator::all_gather(const std::string& piece) const {
  std::vector<int> counts;
  const std::vector<char> all = gather_pieces(communicator_, size_, MPI_CHAR, piece.data(), piece.size(), counts);
  std::vector<std::string> pieces;
  std::size_t start = 0;
  for (int count : counts) {
    pieces.emplace_back(all.data() + start, count);
    start += count;
  }
  return pieces;
}

void throw_first_error(const Communicator& communicator, int code, const std::string& message) {
  if (communicator.all(code == 0)) return;
  const std::vector<std::string> messages = communicator.all_gather(code == 0 ? "" : std::to_string(code) + ' ' + message);
  const auto first = std::find_if(messages.begin(), messages.end(), [](const std::string& m) { return !m.empty(); });
  const std::size_t space = first->find(' ');
  throw Error(static_cast<ExitCode>(std::stoi(first->substr(0, space))), first->substr(space + 1));
}

Share share_of(long n, int rank, int size) {
  const long first = n * rank / size;
  return {first, n * (rank + 1) / size - first};
}

}  // namespace driftwood::mpi
