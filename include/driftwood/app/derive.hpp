#pragma once

#include <memory>
#include <string>
#include <vector>

#include "driftwood/app/close.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/results/derive_record.hpp"
#include "driftwood/sweep/derive_config.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::app {

/// A closure's drift, diffusion and densities, or why they are not there.
struct DeriveSource {
  std::string name;
  std::string status = "ok";
  std::shared_ptr<const fp::Coefficients> coefficients = {};
  std::vector<fp::Density> densities = {};
};

/// Throws ConfigError naming the key where the operators cannot be for this many weights.
void check_derive(const sweep::DeriveConfig& options, int dimension);

/// The Callan-Symanzik flow and the KPZ balance of the ensemble and of every source (equations.md sections 7 and 8),
/// the snapshots shared among the ranks. Values do not depend on the number of ranks. Collective.
results::DeriveRecord derive(const sweep::SweepPoint& point, const sweep::DeriveConfig& options,
                             const ClosureInput& input, const std::vector<DeriveSource>& sources,
                             const mpi::Communicator& group);

}  // namespace driftwood::app
