#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "driftwood/ensemble/keeper.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::app {

/// Keeps a point's training in files beside its results: points/.<id>.parameters and .<id>.observables grow snapshot by
/// snapshot, points/.<id>.checkpoint (with its own atomic rename) has the state to go on from. Rows are those of
/// replicas, so another number of ranks can go on. `owner`: hash of all that must be the same for that. `warn` is
/// called on the group's root where a checkpoint is there that cannot be used. The communicator must outlive the
/// keeper. Collective.
std::shared_ptr<ensemble::Keeper> training_files(const store::RunDirectory& run, const std::string& id,
                                                 std::uint64_t owner, const mpi::Communicator& group,
                                                 std::function<void(const std::string&)> warn);

/// Removes these files. Not collective.
void remove_training_files(const store::RunDirectory& run, const std::string& id);

}  // namespace driftwood::app
