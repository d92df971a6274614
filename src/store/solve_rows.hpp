#pragma once

#include "driftwood/results/solve_record.hpp"
#include "driftwood/store/netcdf.hpp"
#include "rows.hpp"

namespace driftwood::store {

/// Adds what is computed from a solve's densities; the dimensions of the densities are there already.
void add_solve_products(NetcdfContent& content, const results::SolveRecord& record);

}  // namespace driftwood::store
