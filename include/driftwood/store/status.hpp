#pragma once

#include <map>
#include <string>

#include "driftwood/store/store.hpp"

namespace driftwood::store {

/// What happened to a point: a line of run/status.tsv.
struct StatusLine {
  std::string point;   ///< its id
  std::string state;   ///< started, done, failed, stopped
  int rank_group = 0;  ///< the first of the ranks that work on it
  double seconds = 0;  ///< since it was started
  int attempt = 1;     ///< the how-manieth try it is
  std::string message = {};
};

/// Appends the line with the time now. Safe from several processes (one O_APPEND write). Throws IoError. Not
/// collective.
void append_status(const RunDirectory& run, const StatusLine& status);

/// What status.tsv says of a point.
struct PointHistory {
  StatusLine last;
  std::string last_time;  ///< UTC
  int n_attempts = 0;
};

/// The history of every point that status.tsv names; of none where there is no file. Not collective.
std::map<std::string, PointHistory> read_status(const RunDirectory& run);

}  // namespace driftwood::store
