#include "driftwood/data/idx.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "driftwood/core/error.hpp"

namespace driftwood::data {
namespace {

/// Writes `bytes` to a file, reads it as IDX, removes it.
Dataset read(const std::string& bytes) {
  const std::string path = testing::TempDir() + "driftwood-test.idx";
  std::ofstream(path, std::ios::binary) << bytes;
  const auto remove = [&] { std::remove(path.c_str()); };
  try {
    Dataset dataset = read_idx(path);
    remove();
    return dataset;
  } catch (...) {
    remove();
    throw;
  }
}

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (int value : values) text += static_cast<char>(value);
  return text;
}

TEST(ReadIdx, ReadsImagesOfBytes) {
  const Dataset dataset = read(bytes({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 7, 128}));
  EXPECT_EQ(dataset.n_samples, 2);
  EXPECT_EQ(dataset.n_features, 2);
  EXPECT_THAT(dataset.values, testing::ElementsAre(0, 255, 7, 128));
}

TEST(ReadIdx, ReadsEveryNumberTypeBigEndian) {
  EXPECT_THAT(read(bytes({0, 0, 9, 1, 0, 0, 0, 1, 254})).values, testing::ElementsAre(-2));
  EXPECT_THAT(read(bytes({0, 0, 0xB, 1, 0, 0, 0, 1, 255, 1})).values, testing::ElementsAre(-255));
  EXPECT_THAT(read(bytes({0, 0, 0xC, 1, 0, 0, 0, 1, 255, 255, 255, 254})).values, testing::ElementsAre(-2));
  EXPECT_THAT(read(bytes({0, 0, 0xD, 1, 0, 0, 0, 1, 0x3F, 0xC0, 0, 0})).values, testing::ElementsAre(1.5));
  EXPECT_THAT(read(bytes({0, 0, 0xE, 1, 0, 0, 0, 1, 0xBF, 0xF8, 0, 0, 0, 0, 0, 0})).values, testing::ElementsAre(-1.5));
}

TEST(ReadIdx, RefusesWhatIsNotOne) {
  EXPECT_THROW(read_idx("/nowhere/x.idx"), IoError);
  EXPECT_THROW(read_idx(testing::TempDir()), IoError);
  for (const std::string& bad :
       {std::string("a,b\n1,2\n3,4\n"), bytes({0, 0, 7, 1, 0, 0, 0, 1, 1}), bytes({0, 0, 8, 3, 0, 0, 0, 1}),
        bytes({0, 0, 8, 1, 0, 0, 0, 2, 1}), bytes({0, 0, 8, 1, 0, 0, 0, 1, 1, 1}), bytes({0, 0, 8, 1, 0, 0, 0, 0}),
        bytes({0, 0, 0xD, 1, 0, 0, 0, 1, 0x7F, 0x80, 0, 0})})
    EXPECT_THROW(read(bad), ConfigError);
}

}  // namespace
}  // namespace driftwood::data
