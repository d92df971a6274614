#pragma once

#include <string>
#include <utility>
#include <vector>

namespace driftwood::app {

/// "0.1.0"
std::string program_version();

/// What `driftwood --version` prints: the program, its git commit, compiler and libraries, a line each.
std::string version_text();

/// Where and how a file is made, as attributes for it: program and library versions, compiler, host, number of ranks,
/// time, Slurm job.
std::vector<std::pair<std::string, std::string>> provenance_entries(int n_ranks);

}  // namespace driftwood::app
