#include "driftwood/app/ini_file.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "driftwood/core/error.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/suggestion.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

namespace po = boost::program_options;

constexpr std::size_t longest_line = 64 * 1024;
constexpr std::size_t largest_file = 16 * 1024 * 1024;

/// Length of the UTF-8 character at the front, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80       ? 1
                             : byte(0) >> 5 == 6  ? 2
                             : byte(0) >> 4 == 14 ? 3
                             : byte(0) >> 3 == 30 ? 4
                                                  : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (byte(i) >> 6 != 2) return 0;
  return length;
}

/// Whether the line is text: UTF-8 without control characters but the tab.
bool is_text(std::string_view line) {
  while (!line.empty()) {
    const std::size_t length = utf8_length(line);
    const auto first = static_cast<unsigned char>(line.front());
    if (length == 0 || (first < ' ' && first != '\t') || first == 0x7f) return false;
    line.remove_prefix(length);
  }
  return true;
}

/// Cleans an INI text line by line, so that Boost.Program_options can parse it, and remembers where its entries stand.
class Scanner {
 public:
  Scanner(std::string name, sweep::Scope scope) : name_(std::move(name)), scope_(scope) {}

  void scan(std::string_view text) {
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      scan_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  const std::string& clean_text() const { return clean_text_; }
  const std::vector<int>& entry_lines() const { return entry_lines_; }
  std::string place(int line) const { return name_ + ":" + std::to_string(line) + ": "; }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw ConfigError(place(line_) + what); }

  void scan_line(std::string_view line) {
    if (line.size() > longest_line)
      fail("the line has " + std::to_string(line.size()) + " bytes; allowed: at most " + std::to_string(longest_line));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!is_text(line)) fail("the line holds bytes that are not text (UTF-8 without control characters)");
    if (sweep::trimmed(line).substr(0, 1) == ";") return;
    const std::string_view content = sweep::trimmed(line.substr(0, line.find('#')));
    if (content.empty()) return;
    if (content.front() == '[') {
      clean_text_ += '[' + checked_section(content) + "]\n";
    } else {
      check_entry(content);
      clean_text_.append(content).append("\n");
    }
  }

  std::string checked_section(std::string_view content) const {
    if (content.back() != ']') fail("'" + std::string(content.substr(0, 60)) + "' lacks its ']'");
    const std::string section(sweep::trimmed(content.substr(1, content.size() - 2)));
    const std::vector<std::string> names = sweep::section_names(scope_);
    if (std::find(names.begin(), names.end(), section) == names.end())
      fail("unknown section '[" + section.substr(0, 60) + "]'" + sweep::did_you_mean(section, names));
    return section;
  }

  void check_entry(std::string_view content) {
    const std::size_t equals = content.find('=');
    if (equals == std::string_view::npos || equals == 0)
      fail("'" + std::string(content.substr(0, 60)) + "' is neither `key = value` nor `[section]`");
    entry_lines_.push_back(line_);
  }

  std::string name_;
  sweep::Scope scope_;
  int line_ = 0;
  std::string clean_text_;
  std::vector<int> entry_lines_;
};

void check_keys(const std::vector<IniEntry>& entries, const Scanner& scanner, sweep::Scope scope) {
  std::map<std::string, int> line_of;
  for (const IniEntry& entry : entries) {
    const sweep::Option* option = sweep::find_option(entry.key);
    if (option == nullptr || !option->is_known(scope))
      throw ConfigError(scanner.place(entry.line) + "unknown key '" + entry.key.substr(0, 80) + "'" +
                        sweep::did_you_mean_option(entry.key, scope));
    const auto [found, is_new] = line_of.emplace(entry.key, entry.line);
    if (!is_new)
      throw ConfigError(scanner.place(entry.line) + "the key '" + entry.key + "' is there twice, first in line " +
                        std::to_string(found->second));
  }
}

}  // namespace

std::string read_config_file(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure))
    throw ConfigError("cannot read the config '" + path + "': it is a directory; give an INI file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ConfigError("cannot read the config '" + path + "': " + std::strerror(errno));
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) throw ConfigError("cannot read the config '" + path + "': " + std::strerror(errno));
  if (text.size() > largest_file) throw ConfigError("cannot read the config '" + path + "': it is beyond 16 MiB");
  return text;
}

std::vector<IniEntry> parse_ini(const std::string& text, const std::string& name, sweep::Scope scope) {
  Scanner scanner(name, scope);
  scanner.scan(text);
  std::istringstream clean(scanner.clean_text());
  const bool keep_unknown_keys = true;  // check_keys says more about them
  const auto parsed = po::parse_config_file(clean, po::options_description(), keep_unknown_keys);
  if (parsed.options.size() != scanner.entry_lines().size())
    throw InternalError(name + ": the INI parser counts other entries than the scanner");
  std::vector<IniEntry> entries;
  for (std::size_t i = 0; i < parsed.options.size(); ++i)
    entries.push_back({scanner.entry_lines()[i], parsed.options[i].string_key, parsed.options[i].value.at(0)});
  check_keys(entries, scanner, scope);
  return entries;
}

}  // namespace driftwood::app
