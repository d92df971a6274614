#pragma once

#include <span>
#include <string>
#include <vector>

#include "driftwood/nn/network.hpp"

namespace driftwood::nn {

/// The invariants of a linear network, l = 1..L-1:  Q_l = W_{l+1}^T W_{l+1} - W_l W_l^T - c_l c_l^T  (without biases,
/// the last term is not there). Gradient flow on all layers keeps them; a step of SGD with the gradient G changes Q_l
/// by eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T - g_l g_l^T), exactly. Kept are the upper triangles, row by row.

/// Their names: "Q1[1,2]".
std::vector<std::string> balance_names(const Network& network);

/// Their values for each of the parameter vectors (n x n_parameters): n x their number. Not collective.
std::vector<double> balance(const Network& network, std::span<const double> parameters);

/// Frobenius norm of the difference of two replicas' invariants (all Q_l together).
double balance_distance(const Network& network, std::span<const double> a, std::span<const double> b);

}  // namespace driftwood::nn
