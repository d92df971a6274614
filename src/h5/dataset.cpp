#include "driftwood/h5/dataset.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/check.hpp"

namespace driftwood::h5 {

namespace {

constexpr std::size_t large = std::size_t{64} << 10;        // bytes: from here on chunked and filtered
constexpr std::size_t largest_chunk = std::size_t{1} << 20;  // bytes: HDF5's default chunk cache

std::size_t product(const std::vector<std::size_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

/// The whole array if it is small, else halved along the slowest dimension that can still be: whole snapshots together.
std::vector<hsize_t> chunk_of(const std::vector<std::size_t>& shape) {
  std::vector<hsize_t> chunk(shape.size());
  std::transform(shape.begin(), shape.end(), chunk.begin(), [](std::size_t n) { return std::max<hsize_t>(n, 1); });
  const auto bytes = [&] {
    return std::accumulate(chunk.begin(), chunk.end(), hsize_t{sizeof(double)}, std::multiplies<>());
  };
  for (std::size_t k = 0; k < chunk.size(); ++k)
    while (chunk[k] > 1 && bytes() > largest_chunk) chunk[k] = (chunk[k] + 1) / 2;
  return chunk;
}

Dataspace make_space(const std::vector<std::size_t>& shape) {
  if (shape.empty()) return Dataspace(check_library(H5Screate(H5S_SCALAR), "create a dataspace"));
  const std::vector<hsize_t> size(shape.begin(), shape.end());
  std::vector<hsize_t> limit = size;
  std::replace(limit.begin(), limit.end(), hsize_t{0}, H5S_UNLIMITED);
  return Dataspace(check_library(H5Screate_simple(static_cast<int>(size.size()), size.data(), limit.data()),
                                 "create a dataspace"));
}

PropertyList common_properties() {
  PropertyList properties(check_library(H5Pcreate(H5P_DATASET_CREATE), "create a property list"));
  check_library(H5Pset_attr_creation_order(properties.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
                "track attribute order");
  check_library(H5Pset_obj_track_times(properties.id(), false), "switch time stamps off");
  return properties;
}

PropertyList dataset_properties(ElementType type, const std::vector<std::size_t>& shape) {
  PropertyList properties = common_properties();
  const bool extendible = std::count(shape.begin(), shape.end(), std::size_t{0}) > 0;
  const bool filtered = type != ElementType::text && product(shape) * sizeof(double) >= large;
  if (extendible || filtered) {
    const std::vector<hsize_t> chunk = chunk_of(shape);
    check_library(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), "set the chunk shape");
  }
  if (filtered) {
    check_library(H5Pset_shuffle(properties.id()), "set the shuffle filter");
    check_library(H5Pset_deflate(properties.id(), 2), "set the deflate filter");
    check_library(H5Pset_fletcher32(properties.id()), "set the checksum filter");
  }
  if (type == ElementType::real) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    check_library(H5Pset_fill_value(properties.id(), H5T_NATIVE_DOUBLE, &nan), "set the fill value");
  }
  return properties;
}

std::size_t n_elements(const Dataset& dataset) { return product(shape(dataset)); }

void expect_size(const Dataset& dataset, std::size_t given) {
  if (given == n_elements(dataset)) return;
  std::vector<char> name(256);
  H5Iget_name(dataset.id(), name.data(), name.size());
  throw InternalError(std::to_string(given) + " values for dataset '" + name.data() + "' of " +
                      std::to_string(n_elements(dataset)) + " elements");
}

void write_raw(const Dataset& dataset, hid_t memory_type, const void* values) {
  check(H5Dwrite(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "write dataset", dataset.id());
}

void read_raw(const Dataset& dataset, hid_t memory_type, void* values) {
  check(H5Dread(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "read dataset", dataset.id());
}

/// One index of the dataset's first dimension, in the file and in memory.
struct Slab {
  Dataspace in_file;
  Dataspace in_memory;
  std::size_t n_values;
};

Slab slab_of(const Dataset& dataset, std::size_t index) {
  const std::vector<std::size_t> size = shape(dataset);
  if (size.empty() || index >= size.front())
    throw InternalError("no slab " + std::to_string(index) + " in the dataset");
  std::vector<hsize_t> start(size.size(), 0);
  std::vector<hsize_t> count(size.begin(), size.end());
  start.front() = index;
  count.front() = 1;
  Dataspace in_file(check(H5Dget_space(dataset.id()), "get the shape of", dataset.id()));
  check_library(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
                "select a slab");
  Dataspace in_memory(
      check_library(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), "create a dataspace"));
  const std::size_t n_values = product({size.begin() + 1, size.end()});
  return {std::move(in_file), std::move(in_memory), n_values};
}

}  // namespace

void write_slab(const Dataset& dataset, std::size_t index, const std::vector<double>& values) {
  const Slab slab = slab_of(dataset, index);
  if (values.size() != slab.n_values)
    throw InternalError(std::to_string(values.size()) + " values for a slab of " + std::to_string(slab.n_values));
  if (values.empty()) return;
  check(H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, slab.in_memory.id(), slab.in_file.id(), H5P_DEFAULT, values.data()),
        "write dataset", dataset.id());
}

std::vector<double> read_slab(const Dataset& dataset, std::size_t index) {
  const Slab slab = slab_of(dataset, index);
  std::vector<double> values(slab.n_values);
  if (values.empty()) return values;
  check(H5Dread(dataset.id(), H5T_NATIVE_DOUBLE, slab.in_memory.id(), slab.in_file.id(), H5P_DEFAULT, values.data()),
        "read dataset", dataset.id());
  return values;
}

Datatype file_type(ElementType type) {
  if (type == ElementType::real) return Datatype(check_library(H5Tcopy(H5T_IEEE_F64LE), "copy a type"));
  if (type == ElementType::integer) return Datatype(check_library(H5Tcopy(H5T_STD_I64LE), "copy a type"));
  Datatype text(check_library(H5Tcopy(H5T_C_S1), "copy a type"));
  check_library(H5Tset_size(text.id(), H5T_VARIABLE), "make a string type");
  check_library(H5Tset_cset(text.id(), H5T_CSET_UTF8), "make a string type");
  return text;
}

Dataset create_dataset(hid_t location, const std::string& name, ElementType type,
                       const std::vector<std::size_t>& shape) {
  const Datatype stored = file_type(type);
  const Dataspace space = make_space(shape);
  const PropertyList properties = dataset_properties(type, shape);
  return Dataset(
      check(H5Dcreate2(location, name.c_str(), stored.id(), space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
            "create dataset", location, name));
}

Dataset create_placeholder(hid_t location, const std::string& name, std::size_t length) {
  const Dataspace space = make_space({length});
  const PropertyList properties = common_properties();
  const hsize_t one = 1;
  if (length == 0) check_library(H5Pset_chunk(properties.id(), 1, &one), "set the chunk shape");
  // The type that netCDF-4 itself uses here: nothing is ever stored.
  return Dataset(check(
      H5Dcreate2(location, name.c_str(), H5T_IEEE_F32BE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
      "create dimension", location, name));
}

Dataset open_dataset(hid_t location, const std::string& name) {
  return Dataset(check(H5Dopen2(location, name.c_str(), H5P_DEFAULT), "open dataset", location, name));
}

void write(const Dataset& dataset, const std::vector<double>& values) {
  expect_size(dataset, values.size());
  if (!values.empty()) write_raw(dataset, H5T_NATIVE_DOUBLE, values.data());
}

void write(const Dataset& dataset, const std::vector<std::int64_t>& values) {
  expect_size(dataset, values.size());
  if (!values.empty()) write_raw(dataset, H5T_NATIVE_INT64, values.data());
}

void write(const Dataset& dataset, const std::vector<std::string>& values) {
  expect_size(dataset, values.size());
  std::vector<const char*> pointers(values.size());
  std::transform(values.begin(), values.end(), pointers.begin(), [](const std::string& text) { return text.c_str(); });
  if (!values.empty()) write_raw(dataset, file_type(ElementType::text).id(), pointers.data());
}

template <>
std::vector<double> read(const Dataset& dataset) {
  std::vector<double> values(n_elements(dataset));
  if (!values.empty()) read_raw(dataset, H5T_NATIVE_DOUBLE, values.data());
  return values;
}

template <>
std::vector<std::int64_t> read(const Dataset& dataset) {
  std::vector<std::int64_t> values(n_elements(dataset));
  if (!values.empty()) read_raw(dataset, H5T_NATIVE_INT64, values.data());
  return values;
}

template <>
std::vector<std::string> read(const Dataset& dataset) {
  std::vector<char*> pointers(n_elements(dataset), nullptr);
  if (pointers.empty()) return {};
  const Datatype text = file_type(ElementType::text);
  read_raw(dataset, text.id(), pointers.data());
  std::vector<std::string> values;
  for (const char* pointer : pointers) values.emplace_back(pointer == nullptr ? "" : pointer);
  const Dataspace space(check(H5Dget_space(dataset.id()), "get the shape of", dataset.id()));
  check_library(H5Dvlen_reclaim(text.id(), space.id(), H5P_DEFAULT, pointers.data()), "free strings");
  return values;
}

std::vector<std::size_t> shape(const Dataset& dataset) {
  const Dataspace space(check(H5Dget_space(dataset.id()), "get the shape of", dataset.id()));
  const auto rank = check(H5Sget_simple_extent_ndims(space.id()), "get the rank of", dataset.id());
  std::vector<hsize_t> size(rank);
  check(H5Sget_simple_extent_dims(space.id(), size.data(), nullptr), "get the shape of", dataset.id());
  return {size.begin(), size.end()};
}

ElementType element_type(const Dataset& dataset) {
  const Datatype type(check(H5Dget_type(dataset.id()), "get the type of", dataset.id()));
  switch (H5Tget_class(type.id())) {
    case H5T_FLOAT: return ElementType::real;
    case H5T_INTEGER: return ElementType::integer;
    case H5T_STRING: return ElementType::text;
    default: break;
  }
  check(-1, "use the type of", dataset.id());
  return ElementType::real;
}

std::vector<std::string> dataset_names(hid_t location) {
  H5G_info_t info;
  check(H5Gget_info(location, &info), "list group", location);
  const Group group(check(H5Gopen2(location, ".", H5P_DEFAULT), "open group", location));
  const PropertyList creation(check(H5Gget_create_plist(group.id()), "get the properties of", location));
  unsigned order = 0;
  check_library(H5Pget_link_creation_order(creation.id(), &order), "get the link order");
  const H5_index_t index = (order & H5P_CRT_ORDER_INDEXED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    const auto length = check(H5Lget_name_by_idx(location, ".", index, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT),
                              "get a name in", location);
    std::vector<char> name(length + 1);
    check(H5Lget_name_by_idx(location, ".", index, H5_ITER_INC, i, name.data(), name.size(), H5P_DEFAULT),
          "get a name in", location);
    H5L_info_t link;
    check(H5Lget_info(location, name.data(), &link, H5P_DEFAULT), "look at", location, name.data());
    if (link.type != H5L_TYPE_HARD) continue;
    const Object object(check(H5Oopen(location, name.data(), H5P_DEFAULT), "open", location, name.data()));
    if (H5Iget_type(object.id()) == H5I_DATASET) names.emplace_back(name.data());
  }
  return names;
}

}  // namespace driftwood::h5
