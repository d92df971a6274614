#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "driftwood/h5/handle.hpp"

namespace driftwood::h5 {

enum class ElementType { real, integer, text };

/// The type in the file: 64-bit little-endian floats and integers, variable-length UTF-8 strings.
Datatype file_type(ElementType type);

/// Creates a dataset that tracks its attributes' order and no times (the same content gives the same bytes). Large numeric
/// datasets (64 KiB or more) are chunked, shuffled, deflated and checksummed (fletcher32). A dimension of length 0 becomes
/// unlimited, which is what netCDF makes of it. Reals are filled with NaN.
Dataset create_dataset(hid_t location, const std::string& name, ElementType type, const std::vector<std::size_t>& shape);

/// A dataset without values, as netCDF stores a dimension without a coordinate variable.
Dataset create_placeholder(hid_t location, const std::string& name, std::size_t length);

Dataset open_dataset(hid_t location, const std::string& name);

/// Writes the whole dataset: as many values as it has elements, last dimension fastest.
void write(const Dataset& dataset, const std::vector<double>& values);
void write(const Dataset& dataset, const std::vector<std::int64_t>& values);
void write(const Dataset& dataset, const std::vector<std::string>& values);

/// Writes and reads the values at one index of the first dimension of a real dataset.
void write_slab(const Dataset& dataset, std::size_t index, const std::vector<double>& values);
std::vector<double> read_slab(const Dataset& dataset, std::size_t index);

/// Reads the whole dataset; T is double, std::int64_t or std::string.
template <class T>
std::vector<T> read(const Dataset& dataset);
template <>
std::vector<double> read(const Dataset& dataset);
template <>
std::vector<std::int64_t> read(const Dataset& dataset);
template <>
std::vector<std::string> read(const Dataset& dataset);

std::vector<std::size_t> shape(const Dataset& dataset);
/// Throws IoError for a type this adapter does not write.
ElementType element_type(const Dataset& dataset);

/// Names of the datasets directly in `location`, in the order of their creation (by name in files that keep none).
/// External links are not followed.
std::vector<std::string> dataset_names(hid_t location);

}  // namespace driftwood::h5
