#include "driftwood/store/status.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "unit/store/synthetic.hpp"

namespace driftwood::store {
namespace {

class StatusFile : public StoreTest {
 protected:
  std::vector<std::vector<std::string>> lines() const {
    std::vector<std::vector<std::string>> all;
    std::ifstream file(run_.status_file());
    for (std::string line; std::getline(file, line);) {
      all.emplace_back();
      std::istringstream fields(line);
      for (std::string field; std::getline(fields, field, '\t');) all.back().push_back(field);
    }
    return all;
  }
};

TEST_F(StatusFile, StartsWithAHeaderAndKeepsEachPointsHistory) {
  append_status(run_, {"aa", "failed", 3, 1.25, 1, "closure fixed:\n\ttoo coarse"});
  append_status(run_, {"bb", "done", 0, 2.0, 1, ""});
  append_status(run_, {"aa", "failed", 1, 1.5, 2, "again"});
  const auto table = lines();
  ASSERT_EQ(table.size(), 4U);
  EXPECT_EQ(table[0],
            (std::vector<std::string>{"time", "point", "state", "rank_group", "seconds", "attempt", "message"}));
  EXPECT_EQ(table[1][0].size(), std::string("2026-01-01T00:00:00Z").size());
  EXPECT_EQ(std::vector(table[1].begin() + 1, table[1].end()),
            (std::vector<std::string>{"aa", "failed", "3", "1.250", "1", "closure fixed:  too coarse"}));
  EXPECT_EQ(table[3][5], "2");
  EXPECT_THAT(files(), testing::ElementsAre("status.tsv"));
  const auto history = read_status(run_);
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history.at("aa").last.message, "again");
  EXPECT_EQ(history.at("aa").n_attempts, 2);
  EXPECT_EQ(history.at("bb").last.state, "done");
  EXPECT_EQ(history.at("bb").last.seconds, 2.0);
}

TEST_F(StatusFile, ATornLineTellsNothing) {
  append_status(run_, {"aa", "done", 0, 1.0, 1, ""});
  std::ofstream(run_.status_file(), std::ios::app) << "2026-01-01T00:00:00Z\tbb\tdo";
  EXPECT_EQ(read_status(run_).size(), 1U);
  EXPECT_TRUE(read_status({run_.path + "/nowhere"}).empty());
}

TEST_F(StatusFile, LinesOfManyWritersStayWhole) {
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([this, t] {
      for (int i = 0; i < 25; ++i)
        append_status(run_, {std::to_string(t), "done", t, 1.0 * i, 1, std::string(200, 'x')});
    });
  for (std::thread& writer : writers) writer.join();
  const auto table = lines();
  ASSERT_EQ(table.size(), 101U);
  EXPECT_EQ(table[0][0], "time");
  for (std::size_t i = 1; i < table.size(); ++i) ASSERT_EQ(table[i].size(), 7U) << "line " << i;
}

}  // namespace
}  // namespace driftwood::store
