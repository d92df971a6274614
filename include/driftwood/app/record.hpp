#pragma once

#include "driftwood/app/compare.hpp"
#include "driftwood/results/records.hpp"

namespace driftwood::app {

/// The record of a point whose ensemble is trained: its ensemble and provenance, no closures yet. The ensemble's arrays
/// are read from where the training keeps them when they are written.
results::PointRecord start_record(const sweep::SweepPoint& point, const ClosureInput& input,
                                  const mpi::Communicator& group);

/// What the file keeps of one closure's solve and comparison.
results::ClosureRecord closure_record(const sweep::PointConfig& config, const ClosureSolution& closure,
                                      const ClosureComparison& comparison);

/// Sets the point's status: "done", or "failed" with the reasons where a solve failed or every replica diverged. The
/// message also tells how many replicas were set aside.
void finish_record(results::PointRecord& record, double seconds);

}  // namespace driftwood::app
