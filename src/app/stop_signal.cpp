#include "driftwood/app/stop_signal.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>

namespace driftwood::app {

namespace {

volatile std::sig_atomic_t requested = 0;

void request(int) {
  requested = 1;
}

constexpr std::time_t margin = 60;

/// When the job is ended; 0: not in a Slurm job, or the end is not known.
std::time_t end_of_job() {
  const char* text = std::getenv("SLURM_JOB_END_TIME");
  return text == nullptr ? 0 : static_cast<std::time_t>(std::strtoll(text, nullptr, 10));
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = request;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

bool stop_requested() {
  static const std::time_t end = end_of_job();
  return requested != 0 || (end > 0 && std::time(nullptr) >= end - margin);
}

double stop_margin(double limit_seconds) {
  return std::min(static_cast<double>(margin), limit_seconds / 10);
}

}  // namespace driftwood::app
