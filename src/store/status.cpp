#include "driftwood/store/status.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/posix_file.hpp"

namespace driftwood::store {

namespace {

constexpr const char* header = "time\tpoint\tstate\trank_group\tseconds\tattempt\tmessage\n";

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

/// One line, one field: no tabs, no line ends.
std::string one_field(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

}  // namespace

void append_status(const RunDirectory& run, const StatusLine& status) {
  const std::string path = run.status_file();
  if (::access(path.c_str(), F_OK) != 0) create_once(path, header);
  std::array<char, 32> duration{};
  std::snprintf(duration.data(), duration.size(), "%.3f", status.seconds);
  const std::string line = utc_now() + "\t" + one_field(status.point) + "\t" + one_field(status.state) + "\t" +
                           std::to_string(status.rank_group) + "\t" + duration.data() + "\t" +
                           std::to_string(status.attempt) + "\t" + one_field(status.message) + "\n";
  PosixFile file(path, O_WRONLY | O_APPEND | O_CREAT);
  file.write_once(line);
}

std::map<std::string, PointHistory> read_status(const RunDirectory& run) {
  std::map<std::string, PointHistory> points;
  std::ifstream file(run.status_file());
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> fields(1);
    for (const char c : line)
      if (c == '\t')
        fields.emplace_back();
      else
        fields.back() += c;
    constexpr std::size_t n_columns = 7;
    if (fields.size() != n_columns || fields[0] == "time") continue;  // a torn line tells nothing
    StatusLine last{.point = fields[1],
                    .state = fields[2],
                    .rank_group = std::atoi(fields[3].c_str()),
                    .seconds = std::atof(fields[4].c_str()),
                    .attempt = std::atoi(fields[5].c_str()),
                    .message = fields[6]};
    PointHistory& point = points[last.point];
    point.n_attempts = std::max(point.n_attempts, last.attempt);
    point.last_time = fields[0];
    point.last = std::move(last);
  }
  return points;
}

}  // namespace driftwood::store
