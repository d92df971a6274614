#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::store {

/// A name that carries the number of an axis, from 1 on.
inline std::string numbered(const char* before, std::size_t axis, const char* after = "") {
  return before + std::to_string(axis + 1) + after;
}

/// Rows (one a snapshot, say) of `size` values each; NaN fills what is shorter, or was not reached.
class Rows {
 public:
  Rows(std::size_t n_rows, std::size_t size)
      : size_(size), values_(n_rows * size, std::numeric_limits<double>::quiet_NaN()) {}
  void set(std::size_t row_number, const std::vector<double>& row) {
    if (row.size() > size_) throw InternalError("a row's values do not fit their dimension");
    std::copy(row.begin(), row.end(), values_.begin() + static_cast<std::ptrdiff_t>(row_number * size_));
  }
  std::vector<double> take() { return std::move(values_); }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

}  // namespace driftwood::store
