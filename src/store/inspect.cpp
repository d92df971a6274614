#include <fcntl.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/netcdf.hpp"
#include "driftwood/store/posix_file.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::store {

namespace {

/// Throws IoError unless the file starts as HDF5 files do.
void expect_hdf5(const std::string& path) {
  static constexpr unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  std::vector<std::byte> start(8);
  const std::size_t got = PosixFile(path, O_RDONLY).read(start);
  const auto same = [](std::byte a, unsigned char b) { return a == static_cast<std::byte>(b); };
  if (got == 8 && std::equal(start.begin(), start.end(), signature, same)) return;
  throw IoError(path + " is not an HDF5 file" + (got == 0 ? " (it is empty)" : ""));
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string text_of(const h5::AttributeValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  return number(std::get<double>(value));
}

/// "min .. max" of the finite values, with the number of others; the values themselves where they are few.
template <class T>
std::string range_of_numbers(const std::vector<T>& values) {
  double low = 0, high = 0;
  std::size_t n_finite = 0;
  for (const T value : values) {
    const double x = static_cast<double>(value);
    if (!std::isfinite(x)) continue;
    low = n_finite == 0 ? x : std::min(low, x);
    high = n_finite == 0 ? x : std::max(high, x);
    ++n_finite;
  }
  if (values.empty()) return "empty";
  if (n_finite == 0) return "all NaN";
  std::string text = low == high ? number(low) : number(low) + " .. " + number(high);
  if (n_finite < values.size()) text += " (" + std::to_string(values.size() - n_finite) + " NaN)";
  return text;
}

std::string range_of(const Values& values) {
  if (const auto* texts = std::get_if<std::vector<std::string>>(&values)) {
    std::string list;
    for (std::size_t i = 0; i < texts->size() && i < 8; ++i) list += (i > 0 ? ", \"" : "\"") + (*texts)[i] + "\"";
    return list + (texts->size() > 8 ? ", .." : "");
  }
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&values)) return range_of_numbers(*integers);
  return range_of_numbers(std::get<std::vector<double>>(values));
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

void describe_variables(std::ostringstream& out, const NetcdfFile& file) {
  out << "\nvariables\n";
  for (const NetcdfFile::Entry& entry : file.variables()) {
    std::string name = entry.name;
    for (std::size_t k = 0; k < entry.dimensions.size(); ++k)
      name += (k == 0 ? "(" : ", ") + entry.dimensions[k] + (k + 1 == entry.dimensions.size() ? ")" : "");
    out << "  " << padded(name, 56) << " [" << file.text_attribute(entry, "units") << "]  "
        << file.text_attribute(entry, "long_name") << "\n      " << range_of(file.read(entry)) << "\n";
  }
}

/// The variable's texts or numbers as texts; empty if the file has no such variable.
std::vector<std::string> texts_of(const NetcdfFile& file, const std::string& name) {
  const auto entries = file.variables();
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == name; });
  if (found == entries.end() || found->type != h5::ElementType::text) return {};
  return std::get<std::vector<std::string>>(file.read(*found));
}

void describe_verdicts(std::ostringstream& out, const NetcdfFile& file) {
  const auto closures = texts_of(file, "closure");
  const auto statuses = texts_of(file, "closure_status");
  const auto messages = texts_of(file, "closure_message");
  if (closures.empty() || statuses.size() != closures.size() || messages.size() != closures.size()) return;
  out << "\nclosures\n";
  for (std::size_t c = 0; c < closures.size(); ++c)
    out << "  " << padded(closures[c], 18) << statuses[c] << (messages[c].empty() ? "" : ": ") << messages[c] << "\n";
}

/// The state of the points in a sweep's file.
void describe_points(std::ostringstream& out, const NetcdfFile& file) {
  const auto statuses = texts_of(file, "status");
  if (statuses.empty()) return;
  out << "\npoints\n ";
  for (const char* state : {"done", "failed", "missing"})
    out << " " << std::count(statuses.begin(), statuses.end(), state) << " " << state;
  out << "\n";
}

std::string describe(const NetcdfFile& file, Seal seal) {
  std::ostringstream out;
  out << file.path() << ": driftwood " << file.text_attribute("file_kind") << " file\n";
  out << "checksum: " << (seal == Seal::intact ? "intact" : "absent (rewritten by another program, or cut at its end)")
      << "\n";
  out << "\nattributes\n";
  for (const auto& [name, value] : file.attributes()) out << "  " << padded(name, 32) << text_of(value) << "\n";
  out << "\ndimensions\n";
  for (const Dimension& dimension : file.dimensions())
    out << "  " << padded(dimension.name, 32) << dimension.length << "\n";
  describe_points(out, file);
  describe_verdicts(out, file);
  describe_variables(out, file);
  return out.str();
}

}  // namespace

std::string inspect(const std::string& path) {
  expect_hdf5(path);
  const Seal seal = check_seal(path);
  if (seal == Seal::broken) throw IoError(path + " is damaged: its bytes do not match its checksum");
  const NetcdfFile file(path);
  const std::string kind = file.text_attribute("file_kind");
  if (kind != "point" && kind != "sweep" && kind != "links" && kind != "solve")
    throw IoError(path + " is an HDF5 file, but not one of driftwood's");
  return describe(file, seal);
}

}  // namespace driftwood::store
