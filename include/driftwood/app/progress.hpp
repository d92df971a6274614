#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace driftwood::app {

/// Whether what this process prints reaches a terminal: under mpirun, whether mpirun's own output does.
bool stdout_is_terminal();

/// What a rank group's root tells the user: on a terminal one line that is rewritten, with the time left; elsewhere
/// plain lines. Every plain line also goes to the run's log file. A closed stdout is ignored.
class Progress {
 public:
  /// `is_root`: of the world: it prints lines until its first point, and owns the terminal's progress line.
  /// `seconds_left`, asked whenever the line is rewritten, makes of the part of the current point that is done the time
  /// until the whole run is; none where that cannot be told.
  Progress(std::string log_path, bool is_root, std::function<double(double)> seconds_left = {});
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Another point; `is_reporter`: whether this rank prints its lines.
  void begin_point(bool is_reporter);
  /// The part of the current point that is done, 0..1, and what it is doing.
  void update(double fraction, const std::string& what);
  void line(const std::string& text);

 private:
  void clear_line();

  std::string log_path_;
  bool is_reporter_;
  bool shows_line_;
  std::function<double(double)> seconds_left_;
  int n_begun_ = 0;
  bool line_is_shown_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

/// "3.2 s", "4 min 10 s", "2 h 5 min"
std::string format_duration(double seconds);

}  // namespace driftwood::app
