#include "driftwood/app/progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace driftwood::app {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void append(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return;  // the log is a convenience: the results report their own errors
  [[maybe_unused]] const auto written = write(file, text.data(), text.size());
  ::close(file);
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

bool stdout_is_terminal() {
  if (isatty(STDOUT_FILENO) == 0) return false;
  if (std::getenv("OMPI_COMM_WORLD_SIZE") == nullptr) return true;
  // mpirun gives its processes a pseudo-terminal whatever its own output is: ask where that goes.
  std::array<char, 256> target{};
  const std::string path = "/proc/" + std::to_string(getppid()) + "/fd/1";
  const ssize_t length = readlink(path.c_str(), target.data(), target.size() - 1);
  return length > 0 && std::string(target.data(), static_cast<std::size_t>(length)).rfind("/dev/", 0) == 0 &&
         std::string(target.data(), static_cast<std::size_t>(length)) != "/dev/null";
}

Progress::Progress(std::string log_path, bool is_root, std::function<double(double)> seconds_left)
    : log_path_(std::move(log_path)),
      is_reporter_(is_root),
      shows_line_(is_root && stdout_is_terminal()),
      seconds_left_(std::move(seconds_left)),
      start_(Clock::now()),
      last_(start_ - std::chrono::seconds(1)) {}

Progress::~Progress() {
  clear_line();
}

void Progress::clear_line() {
  if (line_is_shown_) print("\r\033[K");
  line_is_shown_ = false;
}

void Progress::begin_point(bool is_reporter) {
  is_reporter_ = is_reporter;
  ++n_begun_;
}

void Progress::update(double fraction, const std::string& what) {
  if (!shows_line_ || seconds_since(last_) < 0.2) return;
  last_ = Clock::now();
  const std::string time = seconds_left_ ? "about " + format_duration(seconds_left_(fraction)) + " left in all"
                                         : format_duration(seconds_since(start_)) + " so far";
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), "\r\033[K[%3.0f%%] point %d of rank 0: %s, %s", 100 * fraction, n_begun_,
                what.c_str(), time.c_str());
  print(text.data());
  line_is_shown_ = true;
}

void Progress::line(const std::string& text) {
  if (!is_reporter_) return;
  clear_line();
  print(text + "\n");
  append(log_path_, text + "\n");
}

std::string format_duration(double seconds) {
  std::array<char, 40> text{};
  if (seconds < 60)
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  else if (seconds < 3600)
    std::snprintf(text.data(), text.size(), "%d min %d s", static_cast<int>(seconds / 60),
                  static_cast<int>(seconds) % 60);
  else
    std::snprintf(text.data(), text.size(), "%d h %d min", static_cast<int>(seconds / 3600),
                  static_cast<int>(seconds / 60) % 60);
  return text.data();
}

}  // namespace driftwood::app
