#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/results/solve_record.hpp"
#include "driftwood/store/netcdf.hpp"

namespace driftwood::store {

/// One row a snapshot, each of `size` values; NaN fills what is shorter, or was not reached.
class Rows {
 public:
  Rows(std::size_t n_snapshots, std::size_t size)
      : size_(size), values_(n_snapshots * size, std::numeric_limits<double>::quiet_NaN()) {}
  void set(std::size_t snapshot, const std::vector<double>& row) {
    if (row.size() > size_) throw InternalError("a snapshot's values do not fit their dimension");
    std::copy(row.begin(), row.end(), values_.begin() + static_cast<std::ptrdiff_t>(snapshot * size_));
  }
  std::vector<double> take() { return std::move(values_); }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

/// Adds what is computed from a solve's densities; the dimensions of the densities are there already.
void add_solve_products(NetcdfContent& content, const results::SolveRecord& record);

}  // namespace driftwood::store
