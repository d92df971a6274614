#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "driftwood/data/dataset.hpp"
#include "driftwood/nn/kernel.hpp"
#include "driftwood/nn/network.hpp"

namespace driftwood::nn {

/// Doubles aligned for any vector register.
class AlignedBuffer {
 public:
  explicit AlignedBuffer(std::size_t n);
  double* data() { return data_.get(); }

 private:
  struct Free {
    void operator()(double* pointer) const;
  };
  std::unique_ptr<double[], Free> data_;
};

/// Throws ConfigError unless the network maps the data's features to themselves.
void check_fit(const Network& network, const data::Dataset& dataset);

/// A network and a data set that fit, as the kernels read them; owns the offsets, keeps a view of the data.
class KernelView {
 public:
  KernelView(const Network& network, const data::Dataset& dataset);
  KernelView(const KernelView&) = delete;
  KernelView& operator=(const KernelView&) = delete;
  const KernelProblem& problem() const { return problem_; }

 private:
  std::vector<int> widths_;
  std::vector<int> weight_offsets_;
  std::vector<int> bias_offsets_;
  std::vector<int> unit_offsets_;
  KernelProblem problem_;
};

/// Rows first .. first + 7 of an n x width row-major array, transposed to width entries of eight lanes; lanes past the
/// end repeat the last row.
void load_lanes(std::span<const double> rows, int width, long first, double* lanes);
/// The way back; lanes past the end are dropped.
void store_lanes(const double* lanes, int width, long first, std::span<double> rows);

}  // namespace driftwood::nn
