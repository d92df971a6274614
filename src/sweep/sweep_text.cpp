#include "driftwood/sweep/sweep_text.hpp"

#include <algorithm>

#include "driftwood/core/error.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

namespace {

using Values = std::map<std::string, GivenValue, std::less<>>;

/// Every option at its default.
const Values& default_values() {
  static const Values values = [] {
    Values all;
    for (const Option& each : option_table()) all[each.key()] = {default_text(each), "default"};
    return all;
  }();
  return values;
}

Design design_named(const std::string& name) {
  return name == "latin" ? Design::latin : name == "sobol" ? Design::sobol : Design::random;
}

/// The values for a message: as they are meant, not as they are written.
std::string shown_values(const SweepText& text, const Option& which) {
  constexpr std::size_t most_shown = 20;
  if (trimmed(text.get(which.key()).text).empty()) return "";
  std::string list;
  const std::vector<std::string>& values = text.values(which.key());
  for (std::size_t i = 0; i < std::min(values.size(), most_shown); ++i) list += (i == 0 ? "" : ", ") + values[i];
  if (values.size() > most_shown) list += ", ... (" + std::to_string(values.size()) + " values)";
  return list;
}

}  // namespace

SweepText::SweepText() : values_(default_values()) {}

void SweepText::set(std::string_view key, GivenValue value) {
  option(key);
  values_.insert_or_assign(std::string(key), std::move(value));
  expanded_.clear();  // sampled axes depend on other keys
}

const GivenValue& SweepText::get(std::string_view key) const {
  const auto found = values_.find(key);
  return found != values_.end() ? found->second : values_.at(option(key).key());
}

bool SweepText::is_column(std::string_view key) const {
  return std::find(table_.keys.begin(), table_.keys.end(), key) != table_.keys.end();
}

std::vector<std::string> SweepText::values_at_points(std::string_view key) const {
  const auto column = std::find(table_.keys.begin(), table_.keys.end(), key);
  if (column == table_.keys.end()) return values(key);
  std::vector<std::string> values;
  for (const auto& row : table_.rows) values.push_back(row[static_cast<std::size_t>(column - table_.keys.begin())]);
  return values;
}

AxisContext SweepText::context_of(const Option& which) const {
  AxisContext context;
  const std::string key = which.key();
  // Whether the combination makes points twice is seen when all are there.
  context.may_repeat = get("sweep.combine").text.find(key) != std::string::npos;
  if (!is_sampled(which, get(key).text)) return context;
  context.sampler.design = design_named(values("sweep.sampling").front());
  context.sampler.seed = static_cast<std::uint32_t>(parse_number(values("sweep.seed").front()));
  for (const Option& each : option_table()) {
    if (each.key() == key) break;
    if (is_sampled(each, get(each.key()).text)) ++context.sampler.place;
  }
  return context;
}

const std::vector<std::string>& SweepText::values(std::string_view key) const {
  const auto found = expanded_.find(key);
  if (found != expanded_.end()) return found->second;
  const Option& which = option(key);
  return expanded_.emplace(which.key(), expand(which, get(key), context_of(which))).first->second;
}

Settings first_settings(const SweepText& text) {
  Settings settings;
  for (const Option& each : option_table())
    if (!trimmed(text.get(each.key()).text).empty()) assign(each, text.values(each.key()).front(), settings);
  return settings;
}

std::vector<std::string> changed_options(const SweepText& before, const SweepText& now) {
  std::vector<std::string> changes;
  for (const Option& each : option_table()) {
    if (!each.defines_point && (each.section != "sweep" || each.is_path)) continue;
    const std::string old_value = shown_values(before, each);
    const std::string new_value = shown_values(now, each);
    if (old_value != new_value) changes.push_back(each.key() + ": was " + old_value + ", is now " + new_value);
  }
  if (before.table().rows != now.table().rows) changes.push_back("sweep.points_file: lists other points");
  return changes;
}

}  // namespace driftwood::sweep
