#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace driftwood::nn {

/// eta_k, the learning rate of step k = 0, 1, ..., relative to the first:
///   constant      1
///   step          factor^floor(k / period)
///   cosine        factor + (1 - factor) (1 + cos(pi k / period)) / 2 up to k = period, then factor
///   inverse_time  1 / (1 + k / period)
struct Schedule {
  enum class Kind { constant, step, cosine, inverse_time };

  Kind kind = Kind::constant;
  double period = 1000;  ///< in steps, > 0
  double factor = 0.1;

  double relative_rate(std::uint32_t step) const;
};

/// The time axis of a training: t = sum of eta_k / (1 - momentum) over the steps done (equations.md section 1).
struct TimeAxis {
  double learning_rate = 0.01;  ///< eta_0
  double momentum = 0.0;        ///< heavy ball's beta; 0 for all other optimisers
  Schedule schedule;

  /// eta_k / (1 - momentum): the time that step k takes.
  double step_length(std::uint32_t step) const;
  /// The time after each of the listed, ascending numbers of steps.
  std::vector<double> times(std::span<const std::uint32_t> steps) const;
  /// The number of steps whose time is nearest to `time`, and at least 1. Throws ConfigError where the schedule does
  /// not get there in 2^32 - 1 steps.
  std::uint32_t steps_until(double time) const;
};

}  // namespace driftwood::nn
