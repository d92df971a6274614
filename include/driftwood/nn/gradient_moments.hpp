#pragma once

#include <span>
#include <vector>

#include "driftwood/core/packed.hpp"
#include "driftwood/data/dataset.hpp"
#include "driftwood/nn/network.hpp"
#include "driftwood/nn/training.hpp"

namespace driftwood::nn {

/// Parameters whose gradient noise is wanted together: its whole tensor, or the variances alone.
struct ParameterGroup {
  std::vector<int> positions;  ///< none of them a tied copy
  bool with_covariances = true;

  int size() const { return static_cast<int>(positions.size()); }
  /// Diffusion entries of one row: packed_size(size()), or size().
  int n_diffusion() const { return with_covariances ? packed_size(size()) : size(); }
};

/// Drift b = -grad L and diffusion D = (eta/2B) C + T I of any number of parameters (2.1), one row a parameter vector.
struct GradientMoments {
  std::vector<double> drift;      ///< n x all groups' parameters, group after group
  std::vector<double> diffusion;  ///< n x all groups' n_diffusion()
};

/// As kramers_moyal, for whole layers: groups of any size, any parameters, each vector's samples one matrix. With the
/// modified loss (2.4) if the options say so. Frozen parameters (`options.trained`, where given) have neither drift nor
/// diffusion. Throws InternalError where the arguments do not fit each other. Not collective.
GradientMoments gradient_moments(const Network& network, const data::Dataset& dataset,
                                 std::span<const ParameterGroup> groups, const KramersMoyalOptions& options,
                                 std::span<const double> parameters);

}  // namespace driftwood::nn
