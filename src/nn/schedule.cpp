#include "driftwood/nn/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "driftwood/core/error.hpp"

namespace driftwood::nn {

namespace {

[[noreturn]] void refuse_unreachable() {
  throw ConfigError("the learning rate schedule does not reach training.time in 2^32 - 1 steps");
}

}  // namespace

double Schedule::relative_rate(std::uint32_t step) const {
  const double k = step;
  switch (kind) {
    case Kind::constant:
      return 1;
    case Kind::step:
      return std::pow(factor, std::floor(k / period));
    case Kind::cosine:
      return k >= period ? factor : factor + (1 - factor) * (1 + std::cos(std::numbers::pi * k / period)) / 2;
    case Kind::inverse_time:
      return 1 / (1 + k / period);
  }
  throw InternalError("a schedule without a rate");
}

double TimeAxis::step_length(std::uint32_t step) const {
  return learning_rate * schedule.relative_rate(step) / (1 - momentum);
}

std::vector<double> TimeAxis::times(std::span<const std::uint32_t> steps) const {
  std::vector<double> result;
  double time = 0;
  std::uint32_t done = 0;
  for (const std::uint32_t step : steps) {
    if (schedule.kind == Schedule::Kind::constant)
      time = step_length(0) * step;  // one rounding, not one a step
    else
      for (; done < step; ++done) time += step_length(done);
    result.push_back(time);
  }
  return result;
}

std::uint32_t TimeAxis::steps_until(double time) const {
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  if (schedule.kind == Schedule::Kind::constant) {
    const double steps = std::round(time / step_length(0));
    if (!(steps < most)) refuse_unreachable();
    return std::max(1u, static_cast<std::uint32_t>(steps));
  }
  double reached = 0;
  for (std::uint32_t step = 0; step < most; ++step) {
    const double next = reached + step_length(step);
    if (next >= time) return std::max(1u, next - time <= time - reached ? step + 1 : step);
    if (next == reached) refuse_unreachable();
    reached = next;
  }
  refuse_unreachable();
}

}  // namespace driftwood::nn
