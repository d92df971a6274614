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
    of_lanes ? for_runs(other, communicator.rank(), add) : for_runs(communicator.rank(), other, add);
    if (result.total + count > 2'000'000'000)
      throw ConfigError("a rank's part of the grid is too large to exchange: use more ranks");
    result.counts.push_back(static_cast<int>(count));
    result.starts.push_back(static_cast<int>(result.total));
    result.total += count;
  }
  return result;
}

std::vector<double> LaneExchange::to_lanes(std::span<const double> slab, double padding) const {
  const mpi::Communicator& communicator = slabs_.communicator();
  const long lane_width = width();
  std::vector<double> lanes(static_cast<std::size_t>(n_rows_ * lane_width), padding);
  if (communicator.size() == 1) {
    std::copy(slab.begin(), slab.end(), lanes.begin());
    return lanes;
  }
  std::vector<double> sent(slab_blocks_.total);
  std::vector<double> received(lane_blocks_.total);
  const long slab_first = slabs_.owned().first;
  double* out = sent.data();
  for (int other = 0; other < communicator.size(); ++other)
    for_runs(communicator.rank(), other, [&](long first, long n) {
      std::copy_n(slab.data() + (first - slab_first), n, out);
      out += n;
    });
  mpi::check(
      MPI_Alltoallv(sent.data(), slab_blocks_.counts.data(), slab_blocks_.starts.data(), MPI_DOUBLE, received.data(),
                    lane_blocks_.counts.data(), lane_blocks_.starts.data(), MPI_DOUBLE, communicator.get()),
      "MPI_Alltoallv");
  const double* in = received.data();
  const long lane = first_lane(communicator.rank());
  for (int other = 0; other < communicator.size(); ++other)
    for_runs(other, communicator.rank(), [&](long first, long n) {
      std::copy_n(in, n, lanes.data() + first / offset_ * lane_width + first % offset_ - lane);
      in += n;
    });
  return lanes;
}

void LaneExchange::to_slab(std::span<const double> lanes, std::span<double> slab) const {
  const mpi::Communicator& communicator = slabs_.communicator();
  if (communicator.size() == 1) {
    std::copy_n(lanes.begin(), slab.size(), slab.begin());
    return;
  }
  const long lane_width = width();
  std::vector<double> sent(lane_blocks_.total);
  std::vector<double> received(slab_blocks_.total);
  const long lane = first_lane(communicator.rank());
  double* out = sent.data();
  for (int other = 0; other < communicator.size(); ++other)
    for_runs(other, communicator.rank(), [&](long first, long n) {
      std::copy_n(lanes.data() + first / offset_ * lane_width + first % offset_ - lane, n, out);
      out += n;
    });
  mpi::check(
      MPI_Alltoallv(sent.data(), lane_blocks_.counts.data(), lane_blocks_.starts.data(), MPI_DOUBLE, received.data(),
                    slab_blocks_.counts.data(), slab_blocks_.starts.data(), MPI_DOUBLE, communicator.get()),
      "MPI_Alltoallv");
  const double* in = received.data();
  const long slab_first = slabs_.owned().first;
  for (int other = 0; other < communicator.size(); ++other)
    for_runs(communicator.rank(), other, [&](long first, long n) {
      std::copy_n(in, n, slab.data() + (first - slab_first));
      in += n;
    });
}

}  // namespace driftwood::fp_solver
