#include <algorithm>

#include "tables.hpp"

namespace driftwood::app {

std::vector<fp::CoefficientTable> conditional_tables(const ClosureInput& input, const mpi::Communicator& communicator) {
  const int d = input.problem.tracked.dimension();
  const int nodes = table_nodes(input, fp::ClosureKind::conditional);
  const long n = static_cast<long>(input.tracked.size());
  std::vector<fp::CoefficientTable> tables;
  mpi::agree(communicator, [&] {
    for (long number = 0; number < n; ++number) {
      Box box(d);
      box.include(input.tracked[number]);
      box.widen(0.02);
      tables.push_back(fp::empty_table(box.low, box.high, nodes));
    }
  });
  const mpi::Share share = mpi::share_of(n, communicator.rank(), communicator.size());
  std::vector<double> mine;
  mpi::agree(communicator, [&] {
    for (long k = share.first; k < share.first + share.count; ++k) {
      const TrackedSnapshot snapshot = input.tracked[k];
      const fp::CoefficientTable table = fp::conditional_table({d, snapshot.w, snapshot.drift, snapshot.diffusion},
                                                               tables[k], input.config.closure.neighbours);
      mine.insert(mine.end(), table.drift.begin(), table.drift.end());
      mine.insert(mine.end(), table.diffusion.begin(), table.diffusion.end());
    }
  });
  const std::vector<double> all = communicator.all_gather(mine);
  std::size_t start = 0;
  const auto take = [&](std::vector<double>& values) {
    std::copy_n(all.begin() + static_cast<long>(start), values.size(), values.begin());
    start += values.size();
  };
  for (fp::CoefficientTable& table : tables) {
    take(table.drift);
    take(table.diffusion);
  }
  return tables;
}

}  // namespace driftwood::app
