#include "driftwood/store/owner_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/posix_file.hpp"

namespace driftwood::store {

namespace {

constexpr std::chrono::seconds heartbeat_period{15};
constexpr double most_silence = 120;  // s
/// Every file has this length, so that taking one over is one write.
constexpr std::size_t file_length = 512;

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// Field 22 of /proc/<pid>/stat; empty where there is no such process.
std::string birth_of(long pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return "";
  std::istringstream fields(text.substr(text.rfind(')') + 1));  // the name before may hold anything
  std::string field;
  constexpr int fields_after_name = 20;
  for (int i = 0; i < fields_after_name; ++i) fields >> field;
  return field;
}

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

std::string text_of(const Owner& owner) {
  std::string text = "driftwood run\nhost " + owner.host + "\npid " + std::to_string(owner.pid) + "\nborn " +
                     owner.born + "\njob " + owner.job + "\nstart " + owner.start + "\n";
  text.resize(file_length, '\n');
  return text;
}

double modified(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return 0;
  return static_cast<double>(status.st_mtim.tv_sec) + 1e-9 * static_cast<double>(status.st_mtim.tv_nsec);
}

/// The age of the file's last change, by the clock that dates the file system's files.
double silence_of(const std::string& path) {
  try {
    const std::string now = path + ".now." + this_process().host + "." + std::to_string(::getpid());
    PosixFile(now, O_WRONLY | O_CREAT | O_TRUNC).write_once("now\n");
    const double time = modified(now);
    ::unlink(now.c_str());
    return time - modified(path);
  } catch (const Error&) {
    return 0;  // where nothing can be written nothing is taken over
  }
}

}  // namespace

std::string Owner::describe() const {
  return "host " + host + ", process " + std::to_string(pid) + (job == "-" ? "" : ", Slurm job " + job);
}

Owner this_process() {
  const long pid = ::getpid();
  return {host_name(), pid, birth_of(pid), environment("SLURM_JOB_ID", "-"), environment("SLURM_RESTART_COUNT", "0")};
}

std::optional<Owner> read_owner(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  if (!std::getline(file, line) || line != "driftwood run") return std::nullopt;
  Owner owner;
  for (std::string key, value; file >> key >> value;) {
    if (key == "host") owner.host = value;
    if (key == "pid") owner.pid = std::atol(value.c_str());
    if (key == "born") owner.born = value;
    if (key == "job") owner.job = value;
    if (key == "start") owner.start = value;
  }
  return owner;
}

bool is_alive(const std::string& path, const Owner& owner) {
  const Owner mine = this_process();
  if (owner.host == mine.host) return birth_of(owner.pid) == owner.born && !owner.born.empty();
  if (owner.job != "-" && owner.job == mine.job && owner.start != mine.start) return false;
  return silence_of(path) < most_silence;
}

struct Heartbeat::Shared {
  std::mutex mutex;
  std::condition_variable ending;
  bool is_over = false;
};

Heartbeat::Heartbeat(std::string path) : shared_(std::make_shared<Shared>()) {
  thread_ = std::thread([shared = shared_, path = std::move(path)] {
    sigset_t all;  // signals are for the main thread
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::unique_lock lock(shared->mutex);
    while (!shared->ending.wait_for(lock, heartbeat_period, [&] { return shared->is_over; }))
      ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  });
}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_over = true;
  }
  shared_->ending.notify_all();
  thread_.join();
}

bool create_owner_file(const std::string& path) {
  return create_once(path, text_of(this_process()));
}

bool take_over_owner_file(const std::string& path, const Owner& before) {
  PosixFile file(path, O_RDWR);
  // One at a time; a file system without locks leaves it to the second look.
  if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  const std::optional<Owner> now = read_owner(path);
  if (!now || !(*now == before)) return false;
  const std::string text = text_of(this_process());
  file.write_at(0, std::as_bytes(std::span(text)));
  file.close();
  const std::optional<Owner> after = read_owner(path);
  return after && *after == this_process();
}

}  // namespace driftwood::store
