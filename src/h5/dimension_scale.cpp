#include "driftwood/h5/dimension_scale.hpp"

#include "driftwood/h5/attribute.hpp"
#include "driftwood/h5/check.hpp"
#include "driftwood/h5/dataset.hpp"

namespace driftwood::h5 {

namespace {

/// One entry of REFERENCE_LIST.
struct ScaleUser {
  hobj_ref_t dataset;
  int dimension;
};

Datatype scale_user_type() {
  Datatype type(check_library(H5Tcreate(H5T_COMPOUND, sizeof(ScaleUser)), "create a compound type"));
  check_library(H5Tinsert(type.id(), "dataset", HOFFSET(ScaleUser, dataset), H5T_STD_REF_OBJ), "make a compound type");
  check_library(H5Tinsert(type.id(), "dimension", HOFFSET(ScaleUser, dimension), H5T_NATIVE_INT),
                "make a compound type");
  return type;
}

Datatype reference_list_type() {
  return Datatype(check_library(H5Tvlen_create(H5T_STD_REF_OBJ), "create a list type"));
}

void write_list(const Dataset& owner, const char* name, const Datatype& type, std::size_t length, const void* values) {
  const hsize_t size = length;
  const Dataspace space(check_library(H5Screate_simple(1, &size, nullptr), "create a dataspace"));
  const Attribute attribute(check(H5Acreate2(owner.id(), name, type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
                                  "create attribute", owner.id(), name));
  check(H5Awrite(attribute.id(), type.id(), values), "write attribute", owner.id(), name);
}

std::string name_of(hid_t object) {
  const auto length = check(H5Iget_name(object, nullptr, 0), "get the name of", object);
  std::vector<char> name(length + 1);
  check(H5Iget_name(object, name.data(), name.size()), "get the name of", object);
  return length > 0 ? std::string(name.data() + 1) : std::string();
}

}  // namespace

void make_scale(const Dataset& dataset, const std::string& label) {
  write_ascii_attribute(dataset.id(), "CLASS", "DIMENSION_SCALE");
  write_ascii_attribute(dataset.id(), "NAME", label);
}

hobj_ref_t reference_to(hid_t location, const std::string& name) {
  hobj_ref_t reference = 0;
  check(H5Rcreate(&reference, location, name.c_str(), H5R_OBJECT, -1), "refer to", location, name);
  return reference;
}

void attach_scales(const Dataset& dataset, const std::vector<hobj_ref_t>& scales) {
  std::vector<hobj_ref_t> references = scales;
  std::vector<hvl_t> lists(references.size());
  for (std::size_t k = 0; k < lists.size(); ++k) lists[k] = {1, &references[k]};
  write_list(dataset, "DIMENSION_LIST", reference_list_type(), lists.size(), lists.data());
}

void write_scale_users(const Dataset& scale, const std::vector<std::pair<hobj_ref_t, int>>& users) {
  std::vector<ScaleUser> list;
  for (const auto& [dataset, dimension] : users) list.push_back({dataset, dimension});
  if (!list.empty()) write_list(scale, "REFERENCE_LIST", scale_user_type(), list.size(), list.data());
}

std::vector<std::string> scale_names(const Dataset& dataset) {
  if (has_attribute(dataset.id(), "CLASS")) return {name_of(dataset.id())};
  if (!has_attribute(dataset.id(), "DIMENSION_LIST")) return {};
  const char* name = "DIMENSION_LIST";
  const Attribute attribute(check(H5Aopen(dataset.id(), name, H5P_DEFAULT), "open attribute", dataset.id(), name));
  const Dataspace space(check(H5Aget_space(attribute.id()), "get the shape of attribute", dataset.id(), name));
  const Datatype type = reference_list_type();
  std::vector<hvl_t> lists(H5Sget_simple_extent_npoints(space.id()));
  check(H5Aread(attribute.id(), type.id(), lists.data()), "read attribute", dataset.id(), name);
  std::vector<hobj_ref_t> references;
  for (const hvl_t& list : lists) references.push_back(list.len > 0 ? *static_cast<hobj_ref_t*>(list.p) : 0);
  check_library(H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, lists.data()), "free a list");
  std::vector<std::string> names;
  for (const hobj_ref_t reference : references) {
    const Object scale(check(H5Rdereference2(dataset.id(), H5P_DEFAULT, H5R_OBJECT, &reference),
                             "find the dimensions of", dataset.id()));
    names.push_back(name_of(scale.id()));
  }
  return names;
}

}  // namespace driftwood::h5
