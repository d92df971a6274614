#include "driftwood/store/run_lock.hpp"

#include <unistd.h>

#include <filesystem>
#include <optional>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"

namespace driftwood::store {

namespace {

/// The living owner that the file names.
std::optional<Owner> living_owner(const std::string& path) {
  const std::optional<Owner> owner = read_owner(path);
  if (owner && is_alive(path, *owner)) return owner;
  return std::nullopt;
}

/// Those of run/jobs; files of dead ones are removed.
std::string living_sharers(const RunDirectory& run) {
  std::string all;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(run.jobs(), failure)) {
    const std::string path = entry.path().string();
    if (const auto owner = living_owner(path))
      all += (all.empty() ? "" : "; ") + owner->describe();
    else if (read_owner(path))
      ::unlink(path.c_str());
  }
  return all;
}

[[noreturn]] void refuse(const RunDirectory& run, const std::string& who, const std::string& hint) {
  throw ConfigError("the run directory '" + run.path + "' is in use: " + who + ". " + hint);
}

void take_alone(const RunDirectory& run, const std::string& path) {
  constexpr int most_tries = 20;
  for (int i = 0; i < most_tries; ++i) {
    if (create_owner_file(path)) return;
    const std::optional<Owner> owner = read_owner(path);
    if (!owner) continue;  // it has just gone
    if (is_alive(path, *owner))
      refuse(run, owner->describe(),
             "Wait for it, stop it, or use another --output; if it is not there any more, remove " + path);
    if (take_over_owner_file(path, *owner)) return;
  }
  refuse(run, "others are taking it at this moment", "Try again");
}

}  // namespace

RunLock::RunLock(const RunDirectory& run, Kind kind) {
  if (kind == Kind::alone) {
    path_ = run.lock_file();
    take_alone(run, path_);
  } else {
    make_directory(run.jobs());
    const Owner mine = this_process();
    name_ = mine.host + "-" + std::to_string(mine.pid) + "-" + mine.born;
    path_ = run.jobs() + "/" + name_;
    create_owner_file(path_);
  }
  try {
    if (kind == Kind::shared) {
      if (const auto owner = living_owner(run.lock_file()))
        refuse(run, owner->describe(), "It was not started with --share");
    } else if (const std::string sharers = living_sharers(run); !sharers.empty()) {
      refuse(run, sharers, "Join them with --share, or wait for them");
    }
    heartbeat_ = std::make_unique<Heartbeat>(path_);
  } catch (...) {
    ::unlink(path_.c_str());
    throw;
  }
}

RunLock::~RunLock() {
  heartbeat_.reset();
  const std::optional<Owner> owner = read_owner(path_);
  if (owner && *owner == this_process()) ::unlink(path_.c_str());
}

std::string describe_owners(const RunDirectory& run) {
  std::string all;
  if (const auto owner = living_owner(run.lock_file())) all = owner->describe();
  const std::string sharers = living_sharers(run);
  return all + (all.empty() || sharers.empty() ? "" : "; ") + sharers;
}

}  // namespace driftwood::store
