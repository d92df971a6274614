#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace driftwood::store {

/// A process that has something: where to look for it.
struct Owner {
  std::string host;
  long pid = 0;
  std::string born;   ///< the process's start in the system's ticks: pids are used again
  std::string job;    ///< Slurm job id (of an array: the task's own); "-": none
  std::string start;  ///< the how-manieth start of that job, from 0

  bool operator==(const Owner&) const = default;
  /// "host h, process 12, Slurm job 7"
  std::string describe() const;
};

Owner this_process();

/// The owner that a file names; nothing where there is no file or it cannot be read.
std::optional<Owner> read_owner(const std::string& path);

/// Whether the file's owner may still be at work. On this host: whether the process is there. Elsewhere: no longer if
/// it was an earlier start of this very Slurm job, or if the file's heartbeat is more than two minutes old by the file
/// system's own clock.
bool is_alive(const std::string& path, const Owner& owner);

/// Keeps the modification time of a file fresh, every few seconds, for as long as it lives.
class Heartbeat {
 public:
  explicit Heartbeat(std::string path);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

/// Makes the file with this process as its owner, complete or not at all. False where it exists already. Throws
/// IoError.
bool create_owner_file(const std::string& path);

/// Makes this process the owner of a file whose owner `before` is dead. False where another was quicker. Throws
/// IoError.
bool take_over_owner_file(const std::string& path, const Owner& before);

}  // namespace driftwood::store
