#pragma once

#include <string>

#include "driftwood/results/derive_record.hpp"
#include "driftwood/store/netcdf.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::store {

/// Where what is derived of a point goes: <run>/derive/<id>.h5.
std::string derive_directory(const RunDirectory& run);
std::string derive_file(const RunDirectory& run, const std::string& id);

/// What <run>/derive/<id>.h5 holds (share/doc/file-format.md). `record` must outlive the result.
NetcdfContent derive_content(const results::DeriveRecord& record);

/// Writes that file, replacing an earlier one, and commits it as write_point does; the point's own file stays as it is.
/// Throws IoError naming the path. Not collective.
void write_derive(const RunDirectory& run, const results::DeriveRecord& record);

}  // namespace driftwood::store
