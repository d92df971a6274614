#include "driftwood/sweep/point_table.hpp"

#include <algorithm>
#include <string_view>

#include "driftwood/core/error.hpp"
#include "driftwood/sweep/axis.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/suggestion.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

namespace {

/// The cells of a line. Throws ValueError for quotes that do not close.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"')
      is_quoted = !is_quoted;
    else if (c == ',' && !is_quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  if (is_quoted) throw ValueError("a '\"' is not closed");
  for (std::string& cell : cells) cell = std::string(trimmed(cell));
  return cells;
}

void check_keys(const std::vector<std::string>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Option* option = find_option(keys[i]);
    const std::string quoted = "'" + keys[i].substr(0, 80) + "'";
    if (option == nullptr || !option->is_known(Scope::sweep))
      throw ValueError("unknown key " + quoted + did_you_mean_option(keys[i], Scope::sweep));
    if (!option->takes_alternatives() || !option->defines_point)
      throw ValueError(quoted + " cannot be a column" +
                       (option->is_path ? ": make it an axis of the config, its values parted by '|'" : ""));
    if (std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i), keys[i]) !=
        keys.begin() + static_cast<std::ptrdiff_t>(i))
      throw ValueError("the key " + quoted + " is there twice");
  }
}

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  PointTable read(std::string_view text) {
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      read_line(trimmed(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (table_.rows.empty()) throw ConfigError(name_ + ": there are no points; a row of keys, then rows of values");
    return std::move(table_);
  }

 private:
  void read_line(std::string_view line) {
    if (line.empty() || line.front() == '#') return;
    try {
      std::vector<std::string> cells = cells_of(line);
      if (!table_.keys.empty()) return add_row(std::move(cells));
      check_keys(cells);
      table_.keys = std::move(cells);
    } catch (const ValueError& error) {
      throw ConfigError(place() + ": " + error.what());
    }
  }

  void add_row(std::vector<std::string> cells) {
    if (cells.size() != table_.keys.size())
      throw ValueError("the row has " + std::to_string(cells.size()) + " values instead of " +
                       std::to_string(table_.keys.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const Option& which = option(table_.keys[i]);
      try {
        cells[i] = canonical_value(which, cells[i]);
      } catch (const ValueError& error) {
        reject(which, {cells[i], place()}, error.what());
      }
    }
    table_.rows.push_back(std::move(cells));
  }

  std::string place() const { return name_ + ":" + std::to_string(line_); }

  const std::string& name_;
  int line_ = 0;
  PointTable table_;
};

}  // namespace

PointTable parse_point_table(const std::string& text, const std::string& name) {
  return Reader(name).read(text);
}

}  // namespace driftwood::sweep
