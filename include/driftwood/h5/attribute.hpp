#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "driftwood/h5/handle.hpp"

namespace driftwood::h5 {

using AttributeValue = std::variant<std::string, double, std::int64_t>;

/// Scalar attribute of `owner` (file, group or dataset); text as variable-length UTF-8.
void write_attribute(hid_t owner, const std::string& name, const AttributeValue& value);

/// Text of fixed length, ASCII: what the dimension scale specification asks for.
void write_ascii_attribute(hid_t owner, const std::string& name, const std::string& value);

bool has_attribute(hid_t owner, const std::string& name);

/// Scalar (or one-element) text, float or integer attribute. Throws IoError if it is absent or of another kind.
AttributeValue read_attribute(hid_t owner, const std::string& name);

/// Names of the attributes in the order of their creation where it is tracked.
std::vector<std::string> attribute_names(hid_t owner);

}  // namespace driftwood::h5
