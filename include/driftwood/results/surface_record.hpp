#pragma once

#include <string>
#include <utility>
#include <vector>

#include "driftwood/analysis/surface_scaling.hpp"
#include "driftwood/results/records.hpp"

namespace driftwood::results {

/// What lines of one size did: means over replicas with their standard errors.
struct SurfaceSize {
  analysis::SurfacePlan plan;
  std::vector<analysis::Estimate> squared_roughness;  ///< W^2 at the plan's times
  std::vector<analysis::Estimate> mean_height;        ///< at these times
  std::vector<analysis::Estimate> structure;          ///< <|h_m|^2> / n_sites of its modes, settled
  analysis::Estimate settled;                         ///< W^2, mean over the settled times
};

/// An exponent as it was measured, and as it is known.
struct SurfaceExponent {
  std::string name;
  analysis::Estimate measured;
  double exact = 0;
};

/// Stochastic growth of lines of several sizes (equations.md section 8).
struct SurfaceRecord {
  std::vector<SurfaceSize> sizes;
  std::vector<SurfaceExponent> exponents;
  std::vector<std::pair<std::string, std::string>> configuration;
  Provenance provenance;
};

}  // namespace driftwood::results
