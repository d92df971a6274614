#include "driftwood/fp/line_factors.hpp"

#include <algorithm>
#include <cstddef>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

// For one direction with offset s the matrix I - L has in row i the entries -f_{i-s}, 1 + f_i + b_{i-s}, -b_i at
// columns i - s, i, i + s (f: rate i -> i + s, b: rate back, 0 where there is no edge). Elimination in ascending order
// leaves the pivots p_i = e_i + f_i with e_i = 1 + b_{i-s} e_{i-s} / p_{i-s} (plus what leaves through a face): sums
// and products of non-negative numbers only.
LineFactors::LineFactors(const EdgeRates& rates) : count_(rates.owned.count) {
  for (std::size_t at = 0; at < rates.directions.size(); ++at) {
    const EdgeRates::Direction& direction = rates.directions[at];
    const long s = direction.offset;
    const bool has_exits = !rates.exits.empty() && !rates.exits[at].empty();
    if (s >= count_ && !has_exits) continue;
    std::vector<double> leaving(count_, 1.0);
    if (has_exits)
      for (const EdgeRates::Exit& exit : rates.exits[at]) leaving[exit.cell - rates.owned.first] += exit.rate;
    Line line;
    line.offset = s;
    line.forward_over_pivot.assign(count_, 0.0);
    line.backward_over_pivot.assign(count_, 0.0);
    line.inverse_pivot.assign(count_, 0.0);
    std::vector<double> rest(count_);  // e_i
    for (long i = 0; i < count_; ++i) {
      const bool has_edge = i + s < count_;
      const double forward = has_edge ? direction.forward[i + s] : 0.0;
      const double backward = has_edge ? direction.backward[i + s] : 0.0;
      rest[i] = i < s ? leaving[i] : leaving[i] + line.backward_over_pivot[i - s] * rest[i - s];
      const double inverse = 1.0 / (rest[i] + forward);
      line.inverse_pivot[i] = inverse;
      line.forward_over_pivot[i] = forward * inverse;
      line.backward_over_pivot[i] = backward * inverse;
    }
    lines_.push_back(std::move(line));
  }
}

void LineFactors::solve(std::span<double> x) const {
  if (static_cast<long>(x.size()) != count_) throw InternalError("a line solve has one value a cell");
  for (const Line& line : lines_) solve_line(line, x.data());
}

void LineFactors::solve_line(const Line& line, double* x) const {
  const long s = line.offset;
  const double* forward = line.forward_over_pivot.data();
  const double* backward = line.backward_over_pivot.data();
  const double* inverse = line.inverse_pivot.data();
  // In blocks of s cells, which do not depend on each other.
  for (long block = s; block < count_; block += s) {
    const long end = std::min(block + s, count_);
#pragma GCC ivdep
    for (long i = block; i < end; ++i) x[i] += forward[i - s] * x[i - s];
  }
  const long last_block = (count_ - 1) / s * s;
  for (long i = last_block; i < count_; ++i) x[i] *= inverse[i];
  for (long block = last_block - s; block >= 0; block -= s) {
#pragma GCC ivdep
    for (long i = block; i < block + s; ++i) {
      const double next = i + s < count_ ? x[i + s] : 0.0;
      x[i] = x[i] * inverse[i] + backward[i] * next;
    }
  }
}

}  // namespace driftwood::fp
