#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>

#include "driftwood/core/error.hpp"
#include "driftwood/store/posix_file.hpp"
#include "driftwood/store/store.hpp"

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

/// Removes a file that was only a means.
struct Removal {
  std::string path;
  ~Removal() { ::unlink(path.c_str()); }
};

/// The file with its header line, made in one step: a hard link appears complete or not at all, and only once.
void start_file(const std::string& path) {
  if (::access(path.c_str(), F_OK) == 0) return;
  // A name that no other writer on any host has: truncating another's file would truncate what it linked.
  std::random_device random;
  std::string temporary = path;
  for (int i = 0; i < 4; ++i) temporary.append(".").append(std::to_string(random()));
  PosixFile file(temporary, O_WRONLY | O_CREAT | O_EXCL);
  const Removal removal{temporary};
  file.write_once(header);
  // It may exist by now (EEXIST); where links are not possible, opening for appending reports what is wrong.
  static_cast<void>(::link(temporary.c_str(), path.c_str()));
}

/// 1 + the lines that report the same state of the same point.
int attempt_number(const std::string& path, const std::string& id, const std::string& state) {
  const std::string wanted = "\t" + id + "\t" + state + "\t";
  std::ifstream file(path);
  int attempt = 1;
  for (std::string line; std::getline(file, line);) attempt += line.find(wanted) != std::string::npos;
  return attempt;
}

/// One line, one field: no tabs, no line ends.
std::string one_field(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

}  // namespace

void append_status(const RunDirectory& run, const std::string& id, const std::string& state, int rank_group,
                   double seconds, const std::string& message) {
  const std::string path = run.status_file();
  start_file(path);
  std::array<char, 32> duration{};
  std::snprintf(duration.data(), duration.size(), "%.3f", seconds);
  const std::string line = utc_now() + "\t" + one_field(id) + "\t" + one_field(state) + "\t" +
                           std::to_string(rank_group) + "\t" + duration.data() + "\t" +
                           std::to_string(attempt_number(path, id, state)) + "\t" + one_field(message) + "\n";
  PosixFile file(path, O_WRONLY | O_APPEND | O_CREAT);
  file.write_once(line);
}

}  // namespace driftwood::store
