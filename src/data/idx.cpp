#include "driftwood/data/idx.hpp"

#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "driftwood/core/error.hpp"

namespace driftwood::data {

namespace {

std::string read_bytes(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure))
    throw IoError("cannot read the data set '" + path + "': it is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError("cannot read the data set '" + path + "': " + std::strerror(errno));
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) throw IoError("cannot read the data set '" + path + "': " + std::strerror(errno));
  return bytes;
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw ConfigError(path + ": not an IDX file: " + why);
}

/// The big-endian integer in `n` bytes.
std::uint64_t integer(const char* bytes, int n) {
  std::uint64_t value = 0;
  for (int i = 0; i < n; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Bytes of a number of the type with this code; 0 where there is none.
int size_of(unsigned char type) {
  switch (type) {
    case 0x08:
    case 0x09:
      return 1;
    case 0x0B:
      return 2;
    case 0x0C:
    case 0x0D:
      return 4;
    case 0x0E:
      return 8;
    default:
      return 0;
  }
}

double number(unsigned char type, const char* bytes) {
  switch (type) {
    case 0x08:
      return static_cast<double>(integer(bytes, 1));
    case 0x09:
      return static_cast<std::int8_t>(integer(bytes, 1));
    case 0x0B:
      return static_cast<std::int16_t>(integer(bytes, 2));
    case 0x0C:
      return static_cast<std::int32_t>(integer(bytes, 4));
    case 0x0D:
      return std::bit_cast<float>(static_cast<std::uint32_t>(integer(bytes, 4)));
    default:
      return std::bit_cast<double>(integer(bytes, 8));
  }
}

}  // namespace

Dataset read_idx(const std::string& path) {
  const std::string bytes = read_bytes(path);
  if (bytes.size() < 8 || bytes[0] != 0 || bytes[1] != 0) refuse(path, "it does not start with 0 0");
  const auto type = static_cast<unsigned char>(bytes[2]);
  const int size = size_of(type);
  const std::size_t n_dimensions = static_cast<unsigned char>(bytes[3]);
  const std::size_t header = 4 + 4 * n_dimensions;
  if (size == 0) refuse(path, "unknown number type " + std::to_string(type));
  if (n_dimensions < 1 || bytes.size() < header) refuse(path, "the header is cut short");
  std::uint64_t n_features = 1;
  for (std::size_t k = 1; k < n_dimensions; ++k) n_features *= integer(&bytes[4 + 4 * k], 4);
  const std::uint64_t n_samples = integer(&bytes[4], 4);
  if (n_samples < 1 || n_features < 1 || n_samples > INT32_MAX || n_features > INT32_MAX)
    refuse(path, std::to_string(n_samples) + " samples of " + std::to_string(n_features) + " features");
  if ((bytes.size() - header) / n_features / size != n_samples || (bytes.size() - header) % (n_features * size) != 0)
    refuse(path, "its length does not fit its shape");
  Dataset dataset{.name = path,
                  .feature_names = {},
                  .n_samples = static_cast<int>(n_samples),
                  .n_features = static_cast<int>(n_features),
                  .values = {}};
  for (std::uint64_t i = 0; i < n_features; ++i) dataset.feature_names.push_back("x" + std::to_string(i + 1));
  for (std::size_t at = header; at < bytes.size(); at += size) {
    dataset.values.push_back(number(type, &bytes[at]));
    if (!std::isfinite(dataset.values.back())) refuse(path, "a value is not finite");
  }
  return dataset;
}

}  // namespace driftwood::data
