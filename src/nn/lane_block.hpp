#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "driftwood/data/dataset.hpp"
#include "driftwood/nn/kernel.hpp"
#include "driftwood/nn/network.hpp"

namespace driftwood::nn {

/// Numbers aligned for any vector register.
template <class Number>
class AlignedBuffer {
 public:
  explicit AlignedBuffer(std::size_t n) {
    constexpr std::size_t alignment = 64;
    const std::size_t bytes = (n * sizeof(Number) + alignment - 1) / alignment * alignment;
    data_.reset(static_cast<Number*>(std::aligned_alloc(alignment, std::max(bytes, alignment))));
    if (!data_) throw std::bad_alloc();
  }
  Number* data() { return data_.get(); }
  const Number* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(Number* pointer) const { std::free(pointer); }
  };
  std::unique_ptr<Number[], Free> data_;
};

/// Throws ConfigError unless the network maps the data's features to themselves.
void check_fit(const Network& network, const data::Dataset& dataset);

/// Whether the kernels read the data set where it is, or a copy in which a short row does not straddle two cache lines:
/// that pays where rows are gathered at random, as training does.
enum class DataUse { view, aligned_copy };

/// A network and a data set that fit, as the kernels read them; owns the offsets. In single precision always a copy.
template <class Number>
class KernelView {
 public:
  KernelView(const Network& network, const data::Dataset& dataset, DataUse use);
  KernelView(const KernelView&) = delete;
  KernelView& operator=(const KernelView&) = delete;
  const KernelProblemOf<Number>& problem() const { return problem_; }

 private:
  std::vector<int> widths_;
  std::vector<int> weight_offsets_;
  std::vector<int> bias_offsets_;
  std::vector<int> unit_offsets_;
  std::optional<AlignedBuffer<Number>> data_;
  KernelProblemOf<Number> problem_;
};

/// Rows first .. first + lanes - 1 of an n x width row-major array, transposed to width entries of lanes; lanes past
/// the end repeat the last row.
template <class Number>
void load_lanes(std::span<const double> rows, int width, long first, Number* lanes);
/// The way back; lanes past the end are dropped.
template <class Number>
void store_lanes(const Number* lanes, int width, long first, std::span<double> rows);

}  // namespace driftwood::nn
