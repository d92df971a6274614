#include "driftwood/store/run_lock.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "driftwood/core/error.hpp"
#include "driftwood/store/claims.hpp"
#include "unit/store/synthetic.hpp"

namespace driftwood::store {
namespace {

using Kind = RunLock::Kind;
using testing::HasSubstr;

class RunLocks : public StoreTest {
 protected:
  RunLocks() { std::filesystem::create_directories(run_.points()); }

  /// An owner file as another process would have left it.
  void leave(const std::string& path, const Owner& owner, long age_seconds = 0) const {
    ASSERT_TRUE(create_owner_file(path));
    std::string text = bytes_of(path);
    const Owner mine = this_process();
    const auto replace = [&](const std::string& from, const std::string& to) {
      const std::size_t place = text.find(from);
      ASSERT_NE(place, std::string::npos);
      text.replace(place, from.size(), to);
    };
    replace("host " + mine.host + "\n", "host " + owner.host + "\n");
    replace("pid " + std::to_string(mine.pid) + "\n", "pid " + std::to_string(owner.pid) + "\n");
    replace("born " + mine.born + "\n", "born " + owner.born + "\n");
    replace("job " + mine.job + "\n", "job " + owner.job + "\n");
    replace("start " + mine.start + "\n", "start " + owner.start + "\n");
    write_bytes(path, text);
    const timespec then{std::time(nullptr) - age_seconds, 0};
    const timespec times[] = {then, then};
    utimensat(AT_FDCWD, path.c_str(), times, 0);
  }

  std::string refusal(Kind kind) const {
    try {
      const RunLock lock(run_, kind);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  }

  /// A process of this host that is gone.
  static Owner dead() {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, nullptr, 0);
    Owner owner = this_process();
    owner.pid = child;
    owner.born = "1";
    return owner;
  }
};

TEST_F(RunLocks, ASecondRunIsRefusedWithHostProcessAndJob) {
  const RunLock lock(run_, Kind::alone);
  const std::string message = refusal(Kind::alone);
  EXPECT_THAT(message, HasSubstr(this_process().host));
  EXPECT_THAT(message, HasSubstr("process " + std::to_string(getpid())));
  EXPECT_THAT(refusal(Kind::shared), HasSubstr("--share"));
  EXPECT_THAT(describe_owners(run_), HasSubstr(std::to_string(getpid())));
}

TEST_F(RunLocks, GoWithTheRun) {
  { const RunLock lock(run_, Kind::alone); }
  { const RunLock lock(run_, Kind::shared); }
  EXPECT_EQ(refusal(Kind::alone), "");
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(describe_owners(run_), "");
}

TEST_F(RunLocks, OfADeadProcessAreTakenOver) {
  leave(run_.lock_file(), dead());
  EXPECT_EQ(refusal(Kind::alone), "");
}

TEST_F(RunLocks, OfAnotherHostHoldAsLongAsTheyBeat) {
  Owner elsewhere = this_process();
  elsewhere.host = "far-away";
  elsewhere.job = "17";
  leave(run_.lock_file(), elsewhere, 5);
  EXPECT_THAT(refusal(Kind::alone), HasSubstr("host far-away, process " + std::to_string(getpid()) + ", Slurm job 17"));
  std::filesystem::remove(run_.lock_file());
  leave(run_.lock_file(), elsewhere, 600);
  EXPECT_EQ(refusal(Kind::alone), "");
}

TEST_F(RunLocks, OfAnEarlierStartOfThisJobAreTakenOver) {
  setenv("SLURM_JOB_ID", "17", 1);
  setenv("SLURM_RESTART_COUNT", "2", 1);
  Owner before = this_process();
  before.host = "far-away";
  before.start = "1";
  leave(run_.lock_file(), before);
  EXPECT_EQ(refusal(Kind::alone), "");
  unsetenv("SLURM_JOB_ID");
  unsetenv("SLURM_RESTART_COUNT");
}

TEST_F(RunLocks, SharersKeepARunAloneOut) {
  const RunLock sharer(run_, Kind::shared);
  EXPECT_THAT(refusal(Kind::alone), HasSubstr("Join them with --share"));
  EXPECT_FALSE(std::filesystem::exists(run_.lock_file()));
}

TEST_F(RunLocks, OnlyOneOfManyTakesAStaleLockOver) {
  const Owner owner = dead();
  leave(run_.lock_file(), owner);
  std::atomic<int> n_winners = 0;
  std::vector<std::thread> takers;
  for (int i = 0; i < 8; ++i)
    takers.emplace_back([&] { n_winners += take_over_owner_file(run_.lock_file(), owner) ? 1 : 0; });
  for (std::thread& taker : takers) taker.join();
  EXPECT_EQ(n_winners, 1);
}

TEST_F(RunLocks, AClaimedPointIsTakenUntilItsJobIsGone) {
  using Answer = Claims::Answer;
  Owner elsewhere = this_process();
  elsewhere.host = "far-away";
  std::filesystem::create_directories(run_.jobs());
  leave(run_.jobs() + "/other", elsewhere);
  const RunLock lock(run_, Kind::shared);
  const Claims mine(run_, lock.name());
  const Claims other(run_, "other");
  EXPECT_EQ(other.claim("aa"), Answer::mine);
  EXPECT_EQ(mine.claim("aa"), Answer::taken);
  EXPECT_EQ(mine.claim("bb"), Answer::mine);
  EXPECT_EQ(other.claim("bb"), Answer::taken);
  mine.give_back("bb");
  EXPECT_EQ(other.claim("bb"), Answer::mine);
  std::filesystem::remove(run_.jobs() + "/other");
  EXPECT_EQ(mine.claim("aa"), Answer::mine);
  EXPECT_EQ(mine.claim("bb"), Answer::mine);
}

TEST_F(RunLocks, OfManyClaimantsOneGetsThePoint) {
  const RunLock lock(run_, Kind::shared);
  std::atomic<int> n_mine = 0;
  std::vector<std::thread> claimants;
  for (int i = 0; i < 8; ++i)
    claimants.emplace_back([&] {
      for (int point = 0; point < 20; ++point)
        n_mine += Claims(run_, lock.name()).claim(std::to_string(point)) == Claims::Answer::mine ? 1 : 0;
    });
  for (std::thread& claimant : claimants) claimant.join();
  EXPECT_EQ(n_mine, 20);
}

}  // namespace
}  // namespace driftwood::store
