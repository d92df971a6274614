// Whatever a config says, it gives points or a ConfigError: no other exception, no crash, no overflow.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "driftwood/app/ini_file.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/sweep/sweep_text.hpp"

namespace {

using namespace driftwood;

/// Numbers of four digits make sweeps that only take time.
bool is_short(const std::string& text) {
  int n_digits = 0;
  for (const char c : text) {
    n_digits = std::isdigit(static_cast<unsigned char>(c)) != 0 ? n_digits + 1 : 0;
    if (n_digits > 3) return false;
  }
  return std::count(text.begin(), text.end(), '(') < 3 && text.find("e+") == std::string::npos;
}

void read_config(const std::string& text) {
  const std::vector<app::IniEntry> entries = app::parse_ini(text, "fuzz.ini", sweep::Scope::sweep);
  sweep::SweepText sweep;
  sweep.set("data.file", {"/iris.csv", "given"});
  sweep.set("network.widths", {"4-1-1-4", "given"});
  for (const app::IniEntry& entry : entries)
    sweep.set(entry.key, {entry.value, "fuzz.ini:" + std::to_string(entry.line)});
  if (sweep.get("data.hash").text.empty()) sweep.set("data.hash", {"0123456789abcdef", "given"});
  if (is_short(text)) sweep::make_points(sweep);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const bool is_config = text.find('[') != std::string::npos;
  try {
    if (is_config)
      read_config(text);
    else
      sweep::parse_point_table(text, "points.csv");
  } catch (const ConfigError&) {
  }
  return 0;
}
