#pragma once

#include <string>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/results/solve_record.hpp"
#include "driftwood/store/netcdf.hpp"

namespace driftwood::store {

/// What the file of a solved problem holds (share/doc/file-format.md). `record` must outlive the result.
NetcdfContent solve_content(const results::SolveRecord& record);

/// Writes that file and commits it as write_point does. Throws IoError naming the path. Not collective.
void write_solve(const std::string& path, const results::SolveRecord& record);

/// Why a result of `driftwood COMMAND` must not be written to this path: something is there that is no file of its own
/// (whose `file_kind` is the command), or there is no such directory. "" if it may. Not collective.
std::string why_not_writable(const std::string& path, const std::string& command);

/// Reads drift and diffusion on a grid: the datasets `time`, `w1` .. `wd`, `drift`, `diffusion` of an HDF5 file
/// (share/doc/file-format.md). Throws IoError where the file or a dataset cannot be read, ConfigError naming both for
/// shapes that do not fit, nodes that are not ascending and equally spaced, values that are not finite (with their
/// index) and diffusion that is not symmetric positive semidefinite (with the place). Not collective.
fp::TabulatedCoefficients read_coefficients(const std::string& path);

}  // namespace driftwood::store
