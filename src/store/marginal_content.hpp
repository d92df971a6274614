#pragma once

#include <vector>

#include "driftwood/fp/density.hpp"
#include "driftwood/store/netcdf.hpp"

namespace driftwood::store {

/// Adds the marginals of densities in sheared frames, along every weight and in every plane of two, with the edges and
/// centres of their bins: closure x snapshot, null where there is no density. Bins are as many as fp::marginal makes,
/// the most of all densities; the rest is NaN.
void add_marginals(NetcdfContent& content, const std::vector<const fp::Density*>& densities);

}  // namespace driftwood::store
