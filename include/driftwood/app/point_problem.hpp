#pragma once

#include <vector>

#include "driftwood/data/dataset.hpp"
#include "driftwood/ensemble/ensemble.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp_solver/solver.hpp"
#include "driftwood/nn/network.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::app {

/// A sweep point's words turned into the services' inputs. None of these is collective.

nn::Network make_network(const sweep::PointConfig& config);
nn::TrackedWeights make_tracked(const sweep::PointConfig& config, const nn::Network& network);

/// The parameters that go to the result at every snapshot (training.snapshot_layers).
nn::TrackedWeights make_listed(const sweep::PointConfig& config, const nn::Network& network);

/// The training's time axis.
nn::TimeAxis time_axis(const sweep::PointConfig::Training& training);

/// Training steps of the snapshots: 0 first, the last the one nearest to `training.time`; between them in equal steps,
/// in equal ratios, or as listed, without repeats (so there may be fewer than asked for). Throws ConfigError where the
/// learning rate schedule does not reach training.time.
std::vector<std::uint32_t> snapshot_steps(const sweep::PointConfig::Training& training);

ensemble::EnsembleProblem make_ensemble_problem(const sweep::PointConfig& config);

/// The density of freshly drawn tracked weights.
fp::NormalDensity initial_density(const ensemble::EnsembleProblem& problem);

fp_solver::SolveOptions make_solve_options(const sweep::PointConfig::FokkerPlanck& options, int dimension);

/// Whether every replica's untracked parameters are one and the same constant vector: then `fixed` is exact.
bool others_are_constant(const sweep::PointConfig& config);

}  // namespace driftwood::app
