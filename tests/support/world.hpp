#pragma once

#include "driftwood/mpi/communicator.hpp"

namespace driftwood::test {

/// All ranks of the test program.
const mpi::Communicator& world();

}  // namespace driftwood::test
