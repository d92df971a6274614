#pragma once

#include <string>
#include <utility>
#include <vector>

#include "driftwood/h5/handle.hpp"

namespace driftwood::h5 {

/// HDF5 dimension scales as the specification (H5DS) lays them out, written directly: one call less to link, and the
/// list of a scale's users is written once instead of being rewritten at every attachment.

/// Makes `dataset` a dimension scale. `label`: the name of the coordinate variable, or netCDF's sentence for a dimension
/// without one.
void make_scale(const Dataset& dataset, const std::string& label);

/// Where `name` is in the file: what scales and their users refer to each other by.
hobj_ref_t reference_to(hid_t location, const std::string& name);

/// Gives dimension k of `dataset` the scale scales[k].
void attach_scales(const Dataset& dataset, const std::vector<hobj_ref_t>& scales);

/// Writes into a scale which datasets use it, along which of their dimensions. To be called once a scale, with all users.
void write_scale_users(const Dataset& scale, const std::vector<std::pair<hobj_ref_t, int>>& users);

/// Names (without the leading slash) of the scales of each dimension, or of the dataset itself if it is a scale.
std::vector<std::string> scale_names(const Dataset& dataset);

}  // namespace driftwood::h5
