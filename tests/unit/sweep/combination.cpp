#include "driftwood/sweep/combination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driftwood/sweep/filter.hpp"
#include "driftwood/sweep/value.hpp"
#include "support_texts.hpp"

namespace driftwood::sweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Action>
std::string value_error(Action&& action) {
  try {
    action();
  } catch (const ValueError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no ValueError was thrown";
  return "";
}

/// "00 01 10 11": the places of every point.
std::string places(const std::vector<Factor>& factors, const std::string& text) {
  const Combination combination(factors, text);
  std::string all;
  for (std::size_t i = 0; i < combination.size(); ++i) {
    all += i == 0 ? "" : " ";
    for (const std::size_t place : combination.places(i)) all += std::to_string(place);
  }
  return all;
}

const std::vector<Factor> two_by_three{{"a", 2}, {"b", 3}};

TEST(Combination, IsAProductByDefaultTheLastFastest) {
  EXPECT_EQ(places(two_by_three, ""), "00 01 02 10 11 12");
  EXPECT_EQ(places(two_by_three, "b"), "00 10 01 11 02 12");
}

TEST(Combination, AZipTakesTheFirstOfAllThenTheSecond) {
  EXPECT_EQ(places({{"a", 3}, {"b", 3}, {"c", 2}}, "zip(a, b)"), "000 001 110 111 220 221");
}

TEST(Combination, NestsAsOneLikes) {
  EXPECT_EQ(places({{"a", 2}, {"b", 2}, {"c", 4}}, "zip(product(a, b), c)"), "000 011 102 113");
  EXPECT_EQ(places({{"a", 2}, {"b", 2}, {"c", 2}}, "product(zip(a, b), c)"), "000 001 110 111");
}

TEST(Combination, SampledAxesAreZippedUnlessTheyAreNamed) {
  const std::vector<Factor> factors{{"a", 2, true}, {"b", 2}, {"c", 2, true}};
  EXPECT_EQ(places(factors, ""), "000 010 101 111");
  EXPECT_EQ(places(factors, "a, c"), "000 010 001 011 100 110 101 111");
}

TEST(Combination, SaysWhatIsWrong) {
  EXPECT_EQ(value_error([] { places(two_by_three, "zip(a, b)"); }),
            "zip needs as many values of each: a has 2, b has 3");
  EXPECT_THAT(value_error([] { places(two_by_three, "zip(a, a)"); }), HasSubstr("'a' is there twice"));
  EXPECT_THAT(value_error([] {
                places({{"training.time", 2}}, "training.tme");
              }),
              HasSubstr("did you mean 'training.time'?"));
  EXPECT_THAT(value_error([] { places(two_by_three, "zop(a, b)"); }), HasSubstr("'zop(' is unknown"));
  EXPECT_THAT(value_error([] { places(two_by_three, "zip(a"); }), HasSubstr("is not closed"));
  EXPECT_THAT(value_error([] { places(two_by_three, "a,"); }), HasSubstr("a key is missing"));
  EXPECT_THAT(value_error([] { places(two_by_three, std::string(100, '(')); }), HasSubstr("not closed"));
}

bool keeps(const std::string& condition) {
  const std::string number = "0.5", word = "tanh", flag = "true";
  const auto value_of = [&](const std::string& key) -> const std::string& {
    return key == "a.number" ? number : key == "a.word" ? word : flag;
  };
  return Filter(condition, {"a.number", "a.word", "a.flag"}).keeps(value_of);
}

TEST(Filter, KnowsArithmeticAndItsPrecedence) {
  EXPECT_TRUE(keeps("1 + 2 * 3 == 7"));
  EXPECT_TRUE(keeps("2 ^ 3 ^ 2 == 512 and -2 ^ 2 == -4"));
  EXPECT_TRUE(keeps("8 / 4 / 2 == 1 and 5 - 3 - 1 == 1"));
  EXPECT_TRUE(keeps("max(1, min(2, 3)) == 2 and abs(-1.5e0) == 1.5 and sqrt(4) == 2 and log(exp(1)) == 1"));
  EXPECT_TRUE(keeps("a.number * 2 >= 1"));
  EXPECT_FALSE(keeps("a.number > 5e-1"));
}

TEST(Filter, KnowsConditionsWordsAndFlags) {
  EXPECT_TRUE(keeps("a.word == tanh and a.word != 'linear'"));
  EXPECT_TRUE(keeps("not (a.number < 0.5 or not a.flag)"));
  EXPECT_TRUE(keeps("a.flag == true or a.number / 0 > a.word"));  // what is decided is not looked at
}

TEST(Filter, SaysWhatIsWrong) {
  EXPECT_THAT(value_error([] { keeps("a.nmber > 1"); }), HasSubstr("did you mean 'a.number'?"));
  EXPECT_THAT(value_error([] { keeps("a.number >"); }), HasSubstr("something is missing (at character 11)"));
  EXPECT_THAT(value_error([] { keeps("a.number > 1)"); }), HasSubstr("')' does not fit (at character 13)"));
  EXPECT_THAT(value_error([] { keeps("(a.number > 1"); }), HasSubstr("a ')' is missing"));
  EXPECT_THAT(value_error([] { keeps("a.number"); }), HasSubstr("needs a condition"));
  EXPECT_THAT(value_error([] { keeps("a.word < 3"); }), HasSubstr("different kinds"));
  EXPECT_THAT(value_error([] { keeps("1 < 2 < 3"); }), HasSubstr("does not fit"));
  EXPECT_THAT(value_error([] { keeps("a.number = 1"); }), HasSubstr("does not fit"));
  EXPECT_THAT(value_error([] { keeps(std::string(5000, '(')); }), HasSubstr("nested more than"));
  std::string chain = "1";
  for (int i = 0; i < 5000; ++i) chain += "+1";
  EXPECT_THAT(value_error([&] { keeps(chain + " > 0"); }), HasSubstr("more than 500 operators"));
}

}  // namespace
}  // namespace driftwood::sweep
