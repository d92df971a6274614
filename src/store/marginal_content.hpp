#pragma once

#include <string>
#include <vector>

#include "driftwood/fp/density.hpp"
#include "driftwood/store/netcdf.hpp"

namespace driftwood::store {

/// A name that carries the number of an axis, from 1 on.
inline std::string numbered(const char* before, std::size_t axis, const char* after = "") {
  return before + std::to_string(axis + 1) + after;
}

/// Adds the marginals of densities in sheared frames, along every weight and in every plane of two, with the edges and
/// centres of their bins: closure x snapshot, null where there is no density. Bins are as many as fp::marginal makes,
/// the most of all densities; the rest is NaN.
void add_marginals(NetcdfContent& content, const std::vector<const fp::Density*>& densities);

}  // namespace driftwood::store
