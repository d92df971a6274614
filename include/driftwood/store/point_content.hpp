#pragma once

#include "driftwood/results/records.hpp"
#include "driftwood/store/netcdf.hpp"

namespace driftwood::store {

/// What a point's file holds: dimensions, variables and attributes as share/doc/file-format.md lists them. `record` must
/// outlive the result. Throws InternalError where the record's arrays do not fit together.
NetcdfContent point_content(const results::PointRecord& record);

/// The parts of it. Each adds its dimensions and variables to `content`.
void add_ensemble(NetcdfContent& content, const results::EnsembleRecord& ensemble);
void add_ensemble_moments(NetcdfContent& content, const results::EnsembleRecord& ensemble);
void add_closures(NetcdfContent& content, const results::PointRecord& record);
void add_densities(NetcdfContent& content, const results::PointRecord& record);
void add_comparisons(NetcdfContent& content, const results::PointRecord& record);

}  // namespace driftwood::store
