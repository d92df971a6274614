#pragma once

namespace driftwood::nn {

/// phi of the hidden layers. `gelu` is the tanh form x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
enum class Activation { linear, tanh, relu, gelu, sigmoid };

}  // namespace driftwood::nn
