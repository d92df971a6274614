// main() of every test that runs on several ranks: owns the sessions, mutes ranks > 0, and fails if any rank fails.
#include <gtest/gtest.h>
#include <mpi.h>

#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/session.hpp"
#include "support/world.hpp"

namespace driftwood::test {

namespace {
const mpi::Communicator* world_pointer = nullptr;
}

const mpi::Communicator& world() { return *world_pointer; }

}  // namespace driftwood::test

int main(int argc, char** argv) {
  driftwood::mpi::Session mpi_session(&argc, &argv);
  driftwood::petsc::Session petsc_session({});
  const driftwood::mpi::Communicator world(MPI_COMM_WORLD);
  driftwood::test::world_pointer = &world;
  testing::InitGoogleTest(&argc, argv);
  if (!world.is_root()) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  const int failed = RUN_ALL_TESTS();
  return world.all(failed == 0) ? 0 : 1;
}
