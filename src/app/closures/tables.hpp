#pragma once

#include <memory>
#include <vector>

#include "driftwood/app/closure_input.hpp"
#include "driftwood/fp/closures.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/conditional.hpp"
#include "driftwood/nn/training.hpp"

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

/// Where the tables of the averaged closures reach: everywhere the weights start or have been, with a margin. A
/// numerical range only: inside it the drift does not depend on it.
Box table_box(const ClosureInput& input);

/// What drift and diffusion are at step `step` of the training.
nn::KramersMoyalOptions coefficient_options(const ClosureInput& input, std::uint32_t step);

/// Writes the d tracked weights into a vector of all parameters.
void set_tracked(const nn::TrackedWeights& tracked, const double* w, double* parameters);

/// Drift and diffusion at step `step` on the table's nodes, which the ranks share, with the other parameters held at
/// one vector. Collective.
void tabulate_at(const ClosureInput& input, const std::vector<double>& others, std::uint32_t step,
                 fp::CoefficientTable& table, const mpi::Communicator& communicator);

/// The same averaged over the other parameters of all ranks' `rows` (n x n_parameters). Collective.
void tabulate_average(const ClosureInput& input, std::vector<double> rows, std::uint32_t step,
                      fp::CoefficientTable& table, const mpi::Communicator& communicator);

/// This rank's replicas at a snapshot. Collective.
ensemble::Snapshot local_snapshot(const ClosureInput& input, std::size_t number, const mpi::Communicator& communicator);

/// Tables of the closures that evaluate the network itself: one a snapshot (one in all where nothing changes in time).
/// Collective.
std::vector<fp::CoefficientTable> averaged_tables(fp::ClosureKind kind, const ClosureInput& input,
                                                  const mpi::Communicator& communicator);

/// Completes an array with `width` numbers a row, of which this rank has made the rows of its share: every rank gets
/// those of all. Collective.
void share_rows(const mpi::Share& share, int width, std::vector<double>& rows, const mpi::Communicator& communicator);

/// Regression at every snapshot. Local: the snapshots are shared among the ranks. Polynomial: sums over the ranks' own
/// replicas are, equal on any number of ranks but for round-off. Collective.
std::vector<fp::ConditionalFit> conditional_fits(const ClosureInput& input, const mpi::Communicator& communicator);

}  // namespace driftwood::app
