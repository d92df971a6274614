#pragma once

#include <memory>
#include <vector>

#include "driftwood/app/closure_input.hpp"
#include "driftwood/fp/closures.hpp"
#include "driftwood/fp/coefficients.hpp"

namespace driftwood::app {

/// A box of tracked weights that grows with what it is shown; empty at first.
struct Box {
  std::vector<double> low;
  std::vector<double> high;

  explicit Box(int dimension);
  void include(int axis, double value);
  void include(const TrackedSnapshot& snapshot);
  /// Each side moved out by `fraction` of the width, and by a little where the width is 0.
  void widen(double fraction);
};

/// Nodes per axis of a closure's table: the averaged closures pay for every node with a pass over data and replicas,
/// the regression does not.
int table_nodes(const ClosureInput& input, fp::ClosureKind kind);

/// Tables of the closures that evaluate the network itself: one a snapshot (one in all where nothing changes in time).
/// Collective.
std::vector<fp::CoefficientTable> averaged_tables(fp::ClosureKind kind, const ClosureInput& input,
                                                  const mpi::Communicator& communicator);

/// Regression at every snapshot, the snapshots shared among the ranks. Collective.
std::vector<fp::CoefficientTable> conditional_tables(const ClosureInput& input, const mpi::Communicator& communicator);

}  // namespace driftwood::app
