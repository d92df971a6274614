#pragma once

#include <string>

#include "driftwood/results/surface_record.hpp"
#include "driftwood/store/netcdf.hpp"

namespace driftwood::store {

/// What the file of grown lines holds (share/doc/file-format.md).
NetcdfContent surface_content(const results::SurfaceRecord& record);

/// Writes that file and commits it as write_point does. Throws IoError naming the path. Not collective.
void write_surfaces(const std::string& path, const results::SurfaceRecord& record);

}  // namespace driftwood::store
