#pragma once

#include <memory>
#include <string>

#include "driftwood/store/owner_file.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::store {

/// A run directory in the hands of one process (the root of a run): run/lock, or, of the jobs that share one, a file in
/// run/jobs. Each announces itself before it looks for others, so of two that exclude each other at least one sees the
/// other. The file goes when the lock does; what a dead process left is taken over (owner_file.hpp).
class RunLock {
 public:
  enum class Kind { alone, shared };

  /// Throws ConfigError naming host, process and job of who has it; IoError. Not collective.
  RunLock(const RunDirectory& run, Kind kind);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// The name under which points are claimed: that of the file in run/jobs.
  const std::string& name() const { return name_; }

 private:
  std::string path_;
  std::string name_;
  std::unique_ptr<Heartbeat> heartbeat_;
};

/// Who is at work in the run directory: "host h, process 12, Slurm job 7", ...; nobody: empty. Not collective.
std::string describe_owners(const RunDirectory& run);

}  // namespace driftwood::store
