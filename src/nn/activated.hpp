#pragma once

#include <cmath>
#include <numbers>
#include <utility>

#include "driftwood/core/error.hpp"
#include "driftwood/nn/activation.hpp"

namespace driftwood::nn {

/// phi(z) and phi'(z), by the C library.
inline std::pair<double, double> activated(Activation activation, double z) {
  switch (activation) {
    case Activation::linear:
      return {z, 1};
    case Activation::tanh:
      return {std::tanh(z), 1 - std::tanh(z) * std::tanh(z)};
    case Activation::relu:
      return {z > 0 ? z : 0, z > 0 ? 1 : 0};
    case Activation::sigmoid: {
      const double s = 1 / (1 + std::exp(-z));
      return {s, s * (1 - s)};
    }
    case Activation::gelu: {
      const double scale = std::sqrt(2 / std::numbers::pi);
      const double t = std::tanh(scale * (z + 0.044715 * z * z * z));
      return {z / 2 * (1 + t), (1 + t) / 2 + z / 2 * (1 - t * t) * scale * (1 + 3 * 0.044715 * z * z)};
    }
  }
  throw InternalError("an activation without a formula");
}

}  // namespace driftwood::nn
