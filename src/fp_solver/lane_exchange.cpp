#include "lane_exchange.hpp"

#include <algorithm>

#include "driftwood/core/error.hpp"

namespace driftwood::fp_solver {

LaneExchange::LaneExchange(const Slabs& slabs, long offset)
    : slabs_(slabs), offset_(offset), n_rows_((slabs.n_cells() + offset - 1) / offset) {
  slab_blocks_ = blocks(false);
  lane_blocks_ = blocks(true);
}

long LaneExchange::first_lane(int rank) const {
  return mpi::share_of(offset_, rank, slabs_.communicator().size()).first;
}

long LaneExchange::width_of(int rank) const {
  return mpi::share_of(offset_, rank, slabs_.communicator().size()).count;
}

template <class Visit>
void LaneExchange::for_runs(int slab_rank, int lane_rank, Visit&& visit) const {
  const fp::CellRange slab = slabs_.of(slab_rank);
  const long lane = first_lane(lane_rank);
  const long width = width_of(lane_rank);
  if (slab.count == 0 || width == 0) return;
  for (long row = slab.first / offset_; row * offset_ < slab.last(); ++row) {
    const long first = std::max(slab.first, row * offset_ + lane);
    const long last = std::min(slab.last(), row * offset_ + lane + width);
    if (first < last) visit(first, last - first);
  }
}

LaneExchange::Blocks LaneExchange::blocks(bool of_lanes) const {
  const mpi::Communicator& communicator = slabs_.communicator();
  Blocks result;
  for (int other = 0; other < communicator.size(); ++other) {
    long count = 0;
    const auto add = [&](long /*first*/, long n) { count += n; };
    if (other != communicator.rank())
      of_lanes ? for_runs(other, communicator.rank(), add) : for_runs(communicator.rank(), other, add);
    if (result.total + count > 2'000'000'000)
      throw ConfigError("a rank's part of the grid is too large to exchange: use more ranks");
    result.counts.push_back(static_cast<int>(count));
    result.starts.push_back(static_cast<int>(result.total));
    result.total += count;
  }
  return result;
}

void LaneExchange::exchange(const Blocks& out, const Blocks& in, Buffers& buffers) const {
  mpi::check(
      MPI_Alltoallv(buffers.sent.data(), out.counts.data(), out.starts.data(), MPI_DOUBLE, buffers.received.data(),
                    in.counts.data(), in.starts.data(), MPI_DOUBLE, slabs_.communicator().get()),
      "MPI_Alltoallv");
}

void LaneExchange::to_lanes(std::span<const double> slab, std::vector<double>& lanes, Buffers& buffers) const {
  const int own = slabs_.communicator().rank();
  const int n_ranks = slabs_.communicator().size();
  const long lane_width = width();
  lanes.resize(static_cast<std::size_t>(n_rows_ * lane_width));
  std::fill(lanes.end() - lane_width, lanes.end(), 0.0);
  const long slab_first = slabs_.owned().first;
  const long lane = first_lane();
  const auto in_lanes = [&](long cell) { return lanes.data() + (cell / offset_ * lane_width + cell % offset_ - lane); };
  buffers.sent.resize(slab_blocks_.total);
  buffers.received.resize(lane_blocks_.total);
  double* out = buffers.sent.data();
  for (int other = 0; other < n_ranks; ++other)
    for_runs(own, other, [&](long first, long n) {
      double* to = other == own ? in_lanes(first) : out;
      std::copy_n(slab.data() + (first - slab_first), n, to);
      if (other != own) out += n;
    });
  exchange(slab_blocks_, lane_blocks_, buffers);
  const double* in = buffers.received.data();
  for (int other = 0; other < n_ranks; ++other) {
    if (other == own) continue;
    for_runs(other, own, [&](long first, long n) {
      std::copy_n(in, n, in_lanes(first));
      in += n;
    });
  }
}

void LaneExchange::to_slab(std::span<const double> lanes, std::span<double> slab, Buffers& buffers) const {
  const int own = slabs_.communicator().rank();
  const int n_ranks = slabs_.communicator().size();
  const long lane_width = width();
  const long slab_first = slabs_.owned().first;
  const long lane = first_lane();
  buffers.sent.resize(lane_blocks_.total);
  buffers.received.resize(slab_blocks_.total);
  double* out = buffers.sent.data();
  for (int other = 0; other < n_ranks; ++other)
    for_runs(other, own, [&](long first, long n) {
      double* to = other == own ? slab.data() + (first - slab_first) : out;
      std::copy_n(lanes.data() + (first / offset_ * lane_width + first % offset_ - lane), n, to);
      if (other != own) out += n;
    });
  exchange(lane_blocks_, slab_blocks_, buffers);
  const double* in = buffers.received.data();
  for (int other = 0; other < n_ranks; ++other) {
    if (other == own) continue;
    for_runs(own, other, [&](long first, long n) {
      std::copy_n(in, n, slab.data() + (first - slab_first));
      in += n;
    });
  }
}

}  // namespace driftwood::fp_solver
