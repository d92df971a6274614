#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "driftwood/fp_solver/checkpoint.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::app {

/// Keeps a solve in the file `path` (beside it, while it is written, path.part). `owner`: hash of all that must be the
/// same for it to go on. `warn` is called on root where a file is there that cannot be used. The communicator must
/// outlive the keeper. Not collective.
std::shared_ptr<fp_solver::SolveKeeper> solve_file_keeper(std::string path, std::uint64_t owner,
                                                          const mpi::Communicator& communicator,
                                                          std::function<void(const std::string&)> warn);

/// Removes these files. Not collective.
void remove_solve_files(const std::string& path);

}  // namespace driftwood::app
