#pragma once

#include <string>

#include "driftwood/store/store.hpp"

namespace driftwood::store {

/// Who of the jobs that share a run directory works on which point: files points/.<id>.claim.<n>. The one with the
/// highest n counts, so that a dead job's point is taken by making the next file, which only one process can: nothing
/// is removed that another may just have made. Not collective.
class Claims {
 public:
  /// `name` of this job's file in run/jobs.
  Claims(RunDirectory run, std::string name) : run_(std::move(run)), name_(std::move(name)) {}

  enum class Answer { mine, taken, done };
  /// Claims the point, unless it is done (or failed) or a living job has it. Throws IoError.
  Answer claim(const std::string& id) const;

  /// Gives a point that was stopped back.
  void give_back(const std::string& id) const;

 private:
  /// The highest number of a claim; 0: none.
  int last_number(const std::string& id) const;
  bool is_held(const std::string& id, int number) const;

  RunDirectory run_;
  std::string name_;
};

/// Removes what jobs that shared the directory have left: for a run that has it alone.
void remove_claims(const RunDirectory& run);

}  // namespace driftwood::store
