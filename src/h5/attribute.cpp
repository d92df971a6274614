#include "driftwood/h5/attribute.hpp"

#include "driftwood/core/error.hpp"
#include "driftwood/h5/check.hpp"
#include "driftwood/h5/dataset.hpp"

namespace driftwood::h5 {

namespace {

void write_scalar(hid_t owner, const std::string& name, hid_t stored, hid_t memory, const void* value) {
  const Dataspace space(check_library(H5Screate(H5S_SCALAR), "create a dataspace"));
  const Attribute attribute(check(H5Acreate2(owner, name.c_str(), stored, space.id(), H5P_DEFAULT, H5P_DEFAULT),
                                  "create attribute", owner, name));
  check(H5Awrite(attribute.id(), memory, value), "write attribute", owner, name);
}

std::string read_text(const Attribute& attribute, const Datatype& type, hid_t owner, const std::string& name) {
  if (check(H5Tis_variable_str(type.id()), "get the type of attribute", owner, name) > 0) {
    char* text = nullptr;
    check(H5Aread(attribute.id(), type.id(), &text), "read attribute", owner, name);
    std::string value = text == nullptr ? "" : text;
    H5free_memory(text);
    return value;
  }
  std::vector<char> text(H5Tget_size(type.id()) + 1, '\0');
  check(H5Aread(attribute.id(), type.id(), text.data()), "read attribute", owner, name);
  return text.data();
}

}  // namespace

void write_attribute(hid_t owner, const std::string& name, const AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    const Datatype type = file_type(ElementType::text);
    const char* pointer = text->c_str();
    write_scalar(owner, name, type.id(), type.id(), &pointer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    write_scalar(owner, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, real);
  } else {
    write_scalar(owner, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &std::get<std::int64_t>(value));
  }
}

void write_ascii_attribute(hid_t owner, const std::string& name, const std::string& value) {
  const Datatype type(check_library(H5Tcopy(H5T_C_S1), "copy a type"));
  check_library(H5Tset_size(type.id(), value.size() + 1), "make a string type");
  write_scalar(owner, name, type.id(), type.id(), value.c_str());
}

bool has_attribute(hid_t owner, const std::string& name) {
  return check(H5Aexists(owner, name.c_str()), "look for attribute", owner, name) > 0;
}

AttributeValue read_attribute(hid_t owner, const std::string& name) {
  const Attribute attribute(check(H5Aopen(owner, name.c_str(), H5P_DEFAULT), "open attribute", owner, name));
  const Datatype type(check(H5Aget_type(attribute.id()), "get the type of attribute", owner, name));
  const Dataspace space(check(H5Aget_space(attribute.id()), "get the shape of attribute", owner, name));
  if (H5Sget_simple_extent_npoints(space.id()) == 1) {
    const H5T_class_t kind = H5Tget_class(type.id());
    if (kind == H5T_STRING) return read_text(attribute, type, owner, name);
    if (kind == H5T_FLOAT) {
      double value = 0;
      check(H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &value), "read attribute", owner, name);
      return value;
    }
    if (kind == H5T_INTEGER) {
      std::int64_t value = 0;
      check(H5Aread(attribute.id(), H5T_NATIVE_INT64, &value), "read attribute", owner, name);
      return value;
    }
  }
  throw IoError("attribute '" + name + "' is not a single text or number");
}

std::vector<std::string> attribute_names(hid_t owner) {
  const auto keep = [](hid_t, const char* name, const H5A_info_t*, void* names) -> herr_t {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  };
  std::vector<std::string> names;
  // Creation order is an index only in files that keep one; others are listed by name.
  if (H5Aiterate2(owner, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, keep, &names) < 0) {
    names.clear();
    check(H5Aiterate2(owner, H5_INDEX_NAME, H5_ITER_INC, nullptr, keep, &names), "list the attributes of", owner);
  }
  return names;
}

}  // namespace driftwood::h5
