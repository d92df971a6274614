#pragma once

#include <Eigen/Core>
#include <span>
#include <utility>
#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::fp_solver {

/// Numbers one after another, to be read back in the same order.
class ArchiveWriter {
 public:
  void put(double value) { numbers_.push_back(value); }
  void put(std::span<const double> values) {
    put(static_cast<double>(values.size()));
    numbers_.insert(numbers_.end(), values.begin(), values.end());
  }
  void put(const Eigen::MatrixXd& matrix) { put(std::span<const double>(matrix.data(), matrix.size())); }
  std::vector<double> take() { return std::move(numbers_); }

 private:
  std::vector<double> numbers_;
};

/// Throws InternalError at the end of the numbers.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::span<const double> numbers) : rest_(numbers) {}

  double get() { return take(1).front(); }
  std::vector<double> get_values() {
    const std::span<const double> values = take(static_cast<std::size_t>(get()));
    return {values.begin(), values.end()};
  }
  std::vector<double> get_values(long n) {
    std::vector<double> values = get_values();
    if (static_cast<long>(values.size()) != n) throw InternalError("a checkpoint is of another grid");
    return values;
  }
  Eigen::MatrixXd get_matrix(long rows, long columns) {
    const std::vector<double> values = get_values(rows * columns);
    return Eigen::Map<const Eigen::MatrixXd>(values.data(), rows, columns);
  }
  bool is_at_end() const { return rest_.empty(); }

 private:
  std::span<const double> take(std::size_t n) {
    if (n > rest_.size()) throw InternalError("a checkpoint ends too early");
    const std::span<const double> taken = rest_.first(n);
    rest_ = rest_.subspan(n);
    return taken;
  }

  std::span<const double> rest_;
};

}  // namespace driftwood::fp_solver
