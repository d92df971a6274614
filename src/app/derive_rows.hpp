#pragma once

#include <optional>
#include <vector>

#include "driftwood/analysis/callan_symanzik.hpp"
#include "driftwood/analysis/exponential_family.hpp"
#include "driftwood/app/derive.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::app {

/// The field of the operators at one snapshot, and how it moves.
struct SnapshotField {
  fp::Frame frame;
  fp::FrameMotion motion;
};

/// What rows have in common.
struct DeriveContext {
  const results::DeriveRecord& record;
  const analysis::OperatorSet& operators;
  const sweep::DeriveConfig& options;
  const CounterRandom& random;
  const mpi::Communicator& self;  ///< this rank alone: rows are independent
};

/// The field at a snapshot: the ensemble's mean and widths, moving as they do, or w itself.
SnapshotField field_at(const analysis::FieldMoments& ensemble, bool is_renormalised);

/// The flow in the trained ensemble at one snapshot, with bootstrap errors.
std::vector<double> ensemble_row(const DeriveContext& context, const TrackedSnapshot& snapshot,
                                 const analysis::FieldMoments& moments, const SnapshotField& field);

/// The couplings that dg/dt = beta(g) has at every snapshot it reaches, each in that snapshot's field (empty where the
/// operators cannot be rewritten in it), from those fitted to the first density; in one box for the whole run, until
/// the density is narrower than two of its cells or leans on the box. `fields`: of the snapshots. d <= 2.
std::vector<Eigen::VectorXd> predicted_couplings(const DeriveContext& context, const DeriveSource& source,
                                                 const std::vector<SnapshotField>& fields);

/// To `row`: the rest of the drift at the density's time that the density's mean heads for inside the range of the
/// run's densities, and the fixed point of the flow there, in `field`. `own`: mean and widths of the density. d <= 2.
void set_fixed_point(const DeriveContext& context, const DeriveSource& source, const fp::Density& density,
                     const fp::Frame& own, const fp::Frame& field, results::DerivedRow& row);

/// To the ensemble's row: heights of its first weight by a kernel density, and how rough sampling makes them.
void set_kernel_heights(const DeriveContext& context, const TrackedSnapshot& ensemble, results::DerivedRow& row);
/// To a closure's row: its density's heights under the same kernel, and how rough the ensemble's are on top of them.
void set_kernel_heights(const fp::Density& density, const TrackedSnapshot& ensemble, results::DerivedRow& row);

/// The flow, and for d <= 2 fixed points and n-point functions, and the height balance in a closure's density at one
/// snapshot, of which `ensemble` are the replicas.
std::vector<double> theory_row(const DeriveContext& context, const DeriveSource& source, std::size_t snapshot,
                               const TrackedSnapshot& ensemble, const SnapshotField& field);

}  // namespace driftwood::app
