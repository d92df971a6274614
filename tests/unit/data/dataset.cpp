#include "driftwood/data/dataset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>

#include "driftwood/core/error.hpp"

namespace driftwood::data {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A file that lives as long as the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content)
      : path_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv") {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

template <class ErrorType>
std::string message_of(const std::string& path, LabelColumn label_column = LabelColumn::none) {
  try {
    read_csv(path, label_column);
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "no error of this kind";
}

TEST(ReadCsv, ReadsNamesAndValuesRowByRow) {
  const TemporaryFile file("a,b\n1,2.5\n-3e-2,+4\n");
  const Dataset dataset = read_csv(file.path(), LabelColumn::none);
  EXPECT_EQ(dataset.name, file.path());
  EXPECT_THAT(dataset.feature_names, ElementsAre("a", "b"));
  EXPECT_EQ(dataset.n_samples, 2);
  EXPECT_EQ(dataset.n_features, 2);
  EXPECT_THAT(dataset.values, ElementsAre(1, 2.5, -0.03, 4));
  EXPECT_EQ(dataset.sample(1)[1], 4);
}

TEST(ReadCsv, TakesWindowsLinesByteOrderMarkQuotesSpacesAndNoLastNewline) {
  const TemporaryFile file("\xEF\xBB\xBF\"a\", b\r\n1 , 2\r\n\r\n3,4");
  const Dataset dataset = read_csv(file.path(), LabelColumn::none);
  EXPECT_THAT(dataset.feature_names, ElementsAre("a", "b"));
  EXPECT_THAT(dataset.values, ElementsAre(1, 2, 3, 4));
}

TEST(ReadCsv, DropsTheLabelWhateverItHolds) {
  const TemporaryFile file("a,label\n1,setosa\n2,\n");
  const Dataset dataset = read_csv(file.path(), LabelColumn::last);
  EXPECT_THAT(dataset.feature_names, ElementsAre("a"));
  EXPECT_THAT(dataset.values, ElementsAre(1, 2));
}

TEST(ReadCsv, NamesLineAndColumnOfWhatIsNoFiniteNumber) {
  for (const char* bad : {"x", "", "nan", "inf", "-inf", "1e999", "1.5x", "+-1", "+", "0x10"}) {
    const TemporaryFile file(std::string("a,width\n1,2\n3,") + bad + "\n");
    EXPECT_THAT(message_of<ConfigError>(file.path()),
                AllOf(HasSubstr(file.path() + ":3"), HasSubstr("'width'"), HasSubstr(std::string("'") + bad + "'")));
  }
}

TEST(ReadCsv, CountsLinesAsAnEditorDoesPastBlankOnes) {
  const TemporaryFile file("a\n1\n\n2\nbad\n");
  EXPECT_THAT(message_of<ConfigError>(file.path()), HasSubstr(file.path() + ":5"));
}

TEST(ReadCsv, NamesTheLineOfARaggedRow) {
  for (const char* row : {"1", "1,2,3"}) {
    const TemporaryFile file(std::string("a,b\n1,2\n") + row + "\n");
    EXPECT_THAT(message_of<ConfigError>(file.path()), AllOf(HasSubstr(file.path() + ":3"), HasSubstr("columns")));
  }
}

TEST(ReadCsv, RefusesFilesWithoutRowsOrFeatures) {
  EXPECT_THAT(message_of<ConfigError>(TemporaryFile("").path()), HasSubstr("empty"));
  EXPECT_THAT(message_of<ConfigError>(TemporaryFile("a,b\n").path()), HasSubstr("no rows"));
  EXPECT_THAT(message_of<ConfigError>(TemporaryFile("label\n1\n").path(), LabelColumn::last), HasSubstr("no columns"));
}

TEST(ReadCsv, SaysWhyAPathCannotBeRead) {
  EXPECT_THAT(message_of<IoError>(testing::TempDir() + "absent.csv"),
              AllOf(HasSubstr("absent.csv"), HasSubstr("No such file")));
  EXPECT_THAT(message_of<IoError>(testing::TempDir()), HasSubstr("directory"));
}

/// Mean and standard deviation of feature k.
std::pair<double, double> moments(const Dataset& dataset, int k) {
  double mean = 0;
  double square = 0;
  for (int s = 0; s < dataset.n_samples; ++s) mean += dataset.sample(s)[k] / dataset.n_samples;
  for (int s = 0; s < dataset.n_samples; ++s) square += std::pow(dataset.sample(s)[k] - mean, 2) / dataset.n_samples;
  return {mean, std::sqrt(square)};
}

TEST(Standardised, IrisHasMeanZeroAndDeviationOne) {
  const Dataset iris = read_csv(DRIFTWOOD_SOURCE_DIR "/share/datasets/iris.csv", LabelColumn::last);
  ASSERT_EQ(iris.n_samples, 150);
  ASSERT_EQ(iris.n_features, 4);
  EXPECT_NEAR(moments(iris, 0).first, 5.8433333333333333, 1e-12);
  const Dataset scaled = standardised(iris);
  for (int k = 0; k < 4; ++k) {
    EXPECT_NEAR(moments(scaled, k).first, 0, 1e-14);
    EXPECT_NEAR(moments(scaled, k).second, 1, 1e-14);
  }
}

TEST(Standardised, ConstantPixelsOfDigitsBecomeZero) {
  const Dataset digits = read_csv(DRIFTWOOD_SOURCE_DIR "/share/datasets/digits.csv", LabelColumn::last);
  ASSERT_EQ(digits.n_samples, 1797);
  ASSERT_EQ(digits.n_features, 64);
  const Dataset scaled = standardised(digits);
  int n_constant = 0;
  for (int k = 0; k < 64; ++k) {
    const bool constant = moments(digits, k).second == 0;
    n_constant += constant ? 1 : 0;
    EXPECT_NEAR(moments(scaled, k).second, constant ? 0 : 1, 1e-12);
    for (int s = 0; constant && s < digits.n_samples; ++s) EXPECT_EQ(scaled.sample(s)[k], 0);
  }
  EXPECT_GE(n_constant, 1);
}

TEST(Standardised, TellsTinyFromConstant) {
  const Dataset dataset{.name = "",
                        .feature_names = {"tiny", "constant"},
                        .n_samples = 3,
                        .n_features = 2,
                        .values = {1e-20, 0.1, 2e-20, 0.1, 3e-20, 0.1}};
  const Dataset scaled = standardised(dataset);
  EXPECT_NEAR(scaled.sample(2)[0], std::sqrt(1.5), 1e-12);
  for (int s = 0; s < 3; ++s) EXPECT_EQ(scaled.sample(s)[1], 0);
}

}  // namespace
}  // namespace driftwood::data
