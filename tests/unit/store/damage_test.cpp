#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/attribute.hpp"
#include "driftwood/h5/file.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/status.hpp"
#include "unit/store/synthetic.hpp"

namespace driftwood::store {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// No file may grow beyond `bytes` while this lives: writes fail as on a full disk (EFBIG instead of ENOSPC).
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

class Damage : public StoreTest {
 protected:
  Damage() {
    write_point(run_, synthetic_point());
    path_ = run_.point_file(id_);
    intact_ = bytes_of(path_);
  }

  template <class Action>
  static std::string io_error_of(Action&& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code() == ExitCode::io ? error.what() : "another exit code";
    }
    return "no error";
  }

  std::string id_ = SyntheticOptions{}.id;
  std::string path_;
  std::string intact_;
};

TEST_F(Damage, IntactFileIsComplete) {
  const PointFileCheck check = check_point(run_, id_);
  EXPECT_TRUE(check.complete);
  EXPECT_EQ(check.why_not, "");
}

TEST_F(Damage, AbsentFileIsIncompleteAndNothingIsWrongWithIt) {
  const PointFileCheck check = check_point(run_, "ffff");
  EXPECT_FALSE(check.complete);
  EXPECT_EQ(check.why_not, "");
}

TEST_F(Damage, EveryFlippedBitIsDetected) {
  for (std::size_t at = 0; at < intact_.size(); at += 61) {
    std::string flipped = intact_;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    write_bytes(path_, flipped);
    const PointFileCheck check = check_point(run_, id_);
    ASSERT_FALSE(check.complete) << "byte " << at;
    ASSERT_NE(check.why_not, "") << "byte " << at;
  }
}

TEST_F(Damage, EveryTruncationIsDetected) {
  for (std::size_t size = 0; size < intact_.size(); size += 997) {
    write_bytes(path_, intact_.substr(0, size));
    ASSERT_THAT(check_point(run_, id_).why_not, HasSubstr("truncated")) << size;
  }
  write_bytes(path_, intact_.substr(0, intact_.size() - 1));
  EXPECT_FALSE(check_point(run_, id_).complete);
}

TEST_F(Damage, AnotherPointsFileOrAnotherSchemaIsNotTaken) {
  std::filesystem::rename(path_, run_.point_file("bbbb"));
  EXPECT_THAT(check_point(run_, "bbbb").why_not, HasSubstr("another point"));

  h5::MemoryFile file(path_);
  h5::write_attribute(file.id(), "file_kind", std::string("point"));
  h5::write_attribute(file.id(), "schema_version", std::int64_t{schema_version + 1});
  h5::write_attribute(file.id(), "status", std::string("done"));
  commit_file(path_, file.finish().bytes(), [](const std::string&) {});
  EXPECT_THAT(check_point(run_, id_).why_not, HasSubstr("schema version " + std::to_string(schema_version + 1)));
}

TEST_F(Damage, DirectoryInPlaceOfTheFileIsIncomplete) {
  std::filesystem::create_directories(run_.point_file("cccc"));
  EXPECT_FALSE(check_point(run_, "cccc").complete);
  EXPECT_NE(check_point(run_, "cccc").why_not, "");
}

TEST_F(Damage, FailedWriteNamesThePathAndLeavesNothingBehind) {
  SyntheticOptions other;
  other.id = "dddd";
  const results::PointRecord replacement = synthetic_point({.n_replicas = 70});
  const results::PointRecord fresh = synthetic_point(other);
  for (const rlim_t limit : {rlim_t{0}, rlim_t{1000}, rlim_t{intact_.size() - 1}}) {
    const FileSizeLimit full(limit);
    EXPECT_THAT(io_error_of([&] { write_point(run_, replacement); }),
                AllOf(HasSubstr("cannot write"), HasSubstr(id_), HasSubstr("File too large")));
    EXPECT_THAT(io_error_of([&] { write_point(run_, fresh); }), HasSubstr("dddd"));
    if (limit <= 1000) {  // the table may be smaller than a point's file
      EXPECT_THAT(io_error_of([&] { collect(run_, {replacement.point}); }), HasSubstr("sweep.h5"));
    }
    EXPECT_THAT(files(), ElementsAre("points/" + id_ + ".h5"));
    EXPECT_EQ(bytes_of(path_), intact_);
  }
  write_point(run_, fresh);
  EXPECT_TRUE(check_point(run_, "dddd").complete) << "writing works again once there is room";
}

TEST_F(Damage, FailedVerificationLeavesTheOldFile) {
  const std::string text = "new";
  const auto refuse = [](const std::string& temporary) {
    EXPECT_TRUE(std::filesystem::exists(temporary));
    throw IoError("does not read back");
  };
  EXPECT_THROW(commit_file(path_, std::as_bytes(std::span(text)), refuse), IoError);
  EXPECT_THAT(files(), ElementsAre("points/" + id_ + ".h5"));
  EXPECT_EQ(bytes_of(path_), intact_);
}

TEST_F(Damage, UnusableDirectoryIsAnIoErrorWithItsPath) {
  const RunDirectory below_a_file{path_};
  EXPECT_THAT(io_error_of([&] { write_point(below_a_file, synthetic_point()); }), HasSubstr(path_));
  EXPECT_THAT(io_error_of([&] { append_status(below_a_file, {"aa", "done", 0, 1.0, 1, ""}); }), HasSubstr(path_));
}

TEST_F(Damage, LeftoverOfAKilledWriteIsOverwritten) {
  write_bytes(run_.points() + "/." + id_ + ".h5.part", "half a file");
  write_point(run_, synthetic_point());
  EXPECT_THAT(files(), ElementsAre("points/" + id_ + ".h5"));
}

TEST_F(Damage, DescribingSaysWhatIsWrongWithAFile) {
  const auto error = [&] { return io_error_of([&] { inspect(path_); }); };
  write_bytes(path_, "time,w\n0,1\n");
  EXPECT_THAT(error(), HasSubstr("not an HDF5 file"));
  write_bytes(path_, "");
  EXPECT_THAT(error(), HasSubstr("it is empty"));
  write_bytes(path_, intact_.substr(0, intact_.size() / 2));
  EXPECT_THAT(error(), HasSubstr("truncated"));
  std::string flipped = intact_;
  flipped[flipped.size() / 2] ^= 4;
  write_bytes(path_, flipped);
  EXPECT_THAT(error(), HasSubstr("do not match its checksum"));
  h5::MemoryFile foreign(path_);
  const h5::FileImage image = foreign.finish();
  write_bytes(path_, {reinterpret_cast<const char*>(image.bytes().data()), image.bytes().size()});
  EXPECT_THAT(error(), HasSubstr("not one of driftwood's"));
  std::filesystem::remove(path_);
  EXPECT_THAT(error(), HasSubstr("No such file"));
}

}  // namespace
}  // namespace driftwood::store
