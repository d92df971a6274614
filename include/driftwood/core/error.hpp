#pragma once

#include <stdexcept>
#include <string>

namespace driftwood {

/// Process exit codes: a contract with job scripts (share/doc/exit-codes.md).
enum class ExitCode {
  success = 0,
  internal = 1,       ///< a bug in driftwood
  usage = 2,          ///< bad command line, configuration or input data
  points_failed = 3,  ///< some sweep points failed; the others are complete
  io = 4,             ///< a file could not be read or written
  stopped = 75,       ///< stopped cleanly before the end: run the same command again
};

/// Base of all errors that driftwood throws: a message for people and the exit code that it stands for.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// The user's configuration or data is wrong. The message names file:line, key, and what is allowed.
struct ConfigError : Error {
  explicit ConfigError(const std::string& message) : Error(ExitCode::usage, message) {}
};

/// A file cannot be opened, read, written or verified. The message names the path and the system's reason.
struct IoError : Error {
  explicit IoError(const std::string& message) : Error(ExitCode::io, message) {}
};

/// A library (MPI, PETSc, HDF5) returned an error that is no one's input.
struct LibraryError : Error {
  explicit LibraryError(const std::string& message) : Error(ExitCode::internal, message) {}
};

/// An invariant of driftwood does not hold.
struct InternalError : Error {
  explicit InternalError(const std::string& message) : Error(ExitCode::internal, message) {}
};

/// Runs `action`; an Error that leaves it gets "`context`: " put before its message and keeps its exit code.
template <class Action>
auto with_context(const std::string& context, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const Error& error) {
    throw Error(error.code(), context + ": " + error.what());
  }
}

}  // namespace driftwood
