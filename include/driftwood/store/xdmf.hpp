#pragma once

#include <string>

#include "driftwood/store/store.hpp"

namespace driftwood::store {

/// Writes run/points/<id>.xdmf, which shows ParaView the point's densities: one time series of rectilinear grids per
/// closure, nodes at the cell centres in w, values read from the point's file. For two and three tracked weights; nothing
/// is written for others, or where nothing was solved. Throws IoError.
void write_xdmf(const RunDirectory& run, const std::string& id);

}  // namespace driftwood::store
