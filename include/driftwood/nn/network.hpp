#pragma once

#include <string>
#include <utility>
#include <vector>

#include "driftwood/nn/activation.hpp"

namespace driftwood::nn {

/// An autoencoder (equations.md section 1): widths n_0 .. n_L, hidden activation, last layer linear.
///
/// Parameters of one replica are one vector: for each layer l = 1..L the n_l x n_{l-1} matrix W_l row-major, then (with
/// biases) the n_l entries of c_l. A tied decoder's matrices are there too, as copies of the encoder's that training
/// keeps equal: W_{L+1-l} = W_l^T for l < L+1-l (with an odd number of layers, the one in the middle is free).
struct Network {
  std::vector<int> widths;
  Activation activation = Activation::tanh;
  bool biases = false;
  bool tied = false;

  int n_layers() const { return static_cast<int>(widths.size()) - 1; }
  int n_parameters() const;
  /// Offset of W_l in the parameter vector, l = 1..L.
  int weight_offset(int layer) const;
  /// Offset of c_l, l = 1..L (only with biases).
  int bias_offset(int layer) const;
  /// Default tracked layer: the matrix between the two bottlenecks, i.e. the layer whose input and output widths have
  /// the smallest product; the one nearest to the middle if there are several.
  int bottleneck_layer() const;
  /// With a tied decoder: (copy, master), the positions of every decoder weight and of the encoder weight that it
  /// repeats, by ascending copy. Throws ConfigError unless the widths are the same read backwards.
  std::vector<std::pair<int, int>> tied_pairs() const;
  /// "4-1-1-4 tanh"
  std::string describe() const;
};

/// The tracked weights w: positions in the parameter vector (d = size), and their names ("W2[1,1]") for labels.
struct TrackedWeights {
  std::vector<int> positions;
  std::vector<std::string> names;

  int dimension() const { return static_cast<int>(positions.size()); }
};

/// All entries of layer `layer`'s matrix (1..L), row-major.
TrackedWeights track_layer(const Network& network, int layer);

/// All parameters but the copies that a tied decoder repeats, layer by layer.
TrackedWeights own_parameters(const Network& network);

/// The named weights and biases, in that order: "W2[1,1], W3[2,1], c2[1]", rows and columns counted from 1; "all":
/// own_parameters. Throws ConfigError where the network has no such parameter, one is there twice or repeats another (a
/// tied decoder's).
TrackedWeights track_listed(const Network& network, const std::string& list);

/// All parameters of the listed layers (1..L, in any order): matrices row-major, then biases ("c2[1]"); layers
/// ascending.
TrackedWeights layer_parameters(const Network& network, std::vector<int> layers);

}  // namespace driftwood::nn
