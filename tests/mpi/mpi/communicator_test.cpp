#include "driftwood/mpi/communicator.hpp"

#include <gtest/gtest.h>

#include "driftwood/core/error.hpp"
#include "support/world.hpp"

namespace driftwood::mpi {
namespace {

TEST(Share, CoversEveryItemOnceAndEvenly) {
  for (long n : {0L, 1L, 7L, 10000L})
    for (int size : {1, 2, 3, 7}) {
      long next = 0;
      for (int rank = 0; rank < size; ++rank) {
        const Share share = share_of(n, rank, size);
        EXPECT_EQ(share.first, next);
        EXPECT_LE(share.count, n / size + 1);
        EXPECT_GE(share.count, n / size);
        next += share.count;
      }
      EXPECT_EQ(next, n);
    }
}

TEST(Communicator, GathersPiecesInRankOrder) {
  const Communicator& world = test::world();
  const std::vector<double> piece(world.rank() + 1, world.rank());
  const std::vector<double> all = world.all_gather(piece);
  std::size_t i = 0;
  for (int rank = 0; rank < world.size(); ++rank)
    for (int k = 0; k <= rank; ++k) EXPECT_EQ(all.at(i++), rank);
  EXPECT_EQ(i, all.size());
}

TEST(Communicator, ReducesOverRanks) {
  const Communicator& world = test::world();
  EXPECT_EQ(world.sum(2L), 2L * world.size());
  EXPECT_EQ(world.max(static_cast<double>(world.rank())), world.size() - 1.0);
  EXPECT_EQ(world.min(static_cast<double>(world.rank())), 0.0);
  EXPECT_EQ(world.all(world.rank() == 0), world.size() == 1);
}

TEST(Communicator, BroadcastsRootsText) {
  const Communicator& world = test::world();
  EXPECT_EQ(world.broadcast(world.is_root() ? "from root" : "mine"), "from root");
}

TEST(Agree, OneRanksErrorIsEveryRanksErrorWithItsExitCode) {
  const Communicator& world = test::world();
  try {
    agree(world, [&] {
      if (world.rank() == world.size() - 1) throw IoError("disk full on the last rank");
    });
    FAIL() << "no error on rank " << world.rank();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::io);
    EXPECT_STREQ(error.what(), "disk full on the last rank");
  }
}

TEST(Agree, NoErrorIsNoError) {
  EXPECT_NO_THROW(agree(test::world(), [] {}));
}

}  // namespace
}  // namespace driftwood::mpi
