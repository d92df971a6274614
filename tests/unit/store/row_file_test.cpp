#include "driftwood/store/row_file.hpp"

#include <gmock/gmock.h>

#include "driftwood/core/error.hpp"
#include "synthetic.hpp"

namespace driftwood::store {
namespace {

class RowFileTest : public StoreTest {
 protected:
  RowFileTest() { RowFile::create(path_, shape_); }

  std::vector<double> rows(long first, long count) const {
    std::vector<double> values;
    for (long i = first * 3; i < (first + count) * 3; ++i) values.push_back(0.5 * static_cast<double>(i));
    return values;
  }

  std::string path_ = run_.path + "/rows";
  RowShape shape_{.owner = 7, .tag = 40, .n_rows = 10, .width = 3};
};

TEST_F(RowFileTest, RowsReadBackInAnyDivision) {
  RowFile file(path_, shape_);
  RowFile another(path_, shape_);
  file.write(0, rows(0, 4));
  another.write(4, rows(4, 6));
  EXPECT_EQ(file.read(0, 10), rows(0, 10));
  EXPECT_EQ(another.read(3, 2), rows(3, 2));
  EXPECT_TRUE(file.read(5, 0).empty());
}

TEST_F(RowFileTest, ARowThatWasNeverWrittenIsNone) {
  RowFile file(path_, shape_);
  file.write(5, rows(5, 2));
  EXPECT_EQ(file.read(5, 2), rows(5, 2));
  for (long missing : {0L, 4L, 7L}) EXPECT_THROW(file.read(missing, 1), IoError) << missing;
}

TEST_F(RowFileTest, EveryChangedByteIsFound) {
  RowFile(path_, shape_).write(0, rows(0, 10));
  const std::string sound = bytes_of(path_);
  for (std::size_t at = 0; at < sound.size(); ++at) {
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_bytes(path_, damaged);
    EXPECT_THROW(RowFile(path_, shape_).read(0, 10), IoError) << "byte " << at;
  }
}

TEST_F(RowFileTest, ATruncatedFileKeepsItsWholeRows) {
  RowFile(path_, shape_).write(0, rows(0, 10));
  const std::string sound = bytes_of(path_);
  write_bytes(path_, sound.substr(0, sound.size() - 3));
  EXPECT_EQ(RowFile(path_, shape_).read(0, 9), rows(0, 9));
  EXPECT_THROW(RowFile(path_, shape_).read(9, 1), IoError);
  write_bytes(path_, sound.substr(0, 20));
  EXPECT_FALSE(RowFile::shape_of(path_));
}

TEST_F(RowFileTest, AnotherShapeIsRefusedAndTheOwnOneIsTold) {
  EXPECT_EQ(RowFile::shape_of(path_), shape_);
  for (RowShape other : {RowShape{8, 40, 10, 3}, RowShape{7, 41, 10, 3}, RowShape{7, 40, 9, 3}, RowShape{7, 40, 10, 4}})
    EXPECT_THROW(RowFile(path_, other), IoError);
  EXPECT_FALSE(RowFile::shape_of(run_.path + "/nothing"));
  EXPECT_FALSE(RowFile::shape_of(run_.path)) << "a directory";
}

}  // namespace
}  // namespace driftwood::store
