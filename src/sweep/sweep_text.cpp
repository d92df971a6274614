#include "driftwood/sweep/sweep_text.hpp"

#include <algorithm>

#include "driftwood/core/error.hpp"
#include "driftwood/sweep/identity.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/validation.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

namespace {

constexpr std::size_t max_points = 100000;
constexpr const char* repeat_key = "run.repeat";

/// An option that takes part in every point, with its values: one, or several along an axis.
struct Dimension {
  const Option* option = nullptr;  ///< nullptr: run.repeat
  std::string key;
  std::vector<std::string> values;

  bool is_axis() const { return values.size() > 1; }
};

std::string only_value(const SweepText& text, std::string_view key) {
  const Option& which = option(key);
  return expand(which, text.get(key)).front();
}

/// Options that define a point, in the table's order. run.repeats stands for the axis run.repeat, the last.
std::vector<Dimension> dimensions_of(const SweepText& text) {
  std::vector<Dimension> dimensions;
  for (const Option& each : option_table()) {
    if (!each.is_known(Scope::sweep)) continue;
    std::vector<std::string> values = expand(each, text.get(each.key()));  // checks the others as well
    if (each.defines_point && each.key() != "run.repeats") dimensions.push_back({&each, each.key(), std::move(values)});
  }
  Dimension repeats{nullptr, repeat_key, {}};
  const int n_repeats = std::stoi(only_value(text, "run.repeats"));
  for (int i = 0; i < n_repeats; ++i) repeats.values.push_back(std::to_string(i));
  dimensions.push_back(std::move(repeats));
  return dimensions;
}

std::size_t count_points(const std::vector<Dimension>& dimensions) {
  std::size_t n = 1;
  std::string axes;
  for (const Dimension& dimension : dimensions) {
    if (!dimension.is_axis()) continue;
    n *= dimension.values.size();
    axes += (axes.empty() ? "" : " x ") + dimension.key + " (" + std::to_string(dimension.values.size()) + ")";
    if (n > max_points)
      throw ConfigError("the sweep " + axes + " has " + std::to_string(n) + " points or more; allowed: at most " +
                        std::to_string(max_points));
  }
  return n;
}

/// Point number `index` of the product: the last dimension varies fastest.
SweepPoint make_point(const std::vector<Dimension>& dimensions, std::size_t index, const SweepText& text) {
  std::vector<std::size_t> place(dimensions.size());
  std::size_t rest = index;
  for (std::size_t i = dimensions.size(); i-- > 0;) {
    place[i] = rest % dimensions[i].values.size();
    rest /= dimensions[i].values.size();
  }
  SweepPoint point;
  point.index = static_cast<int>(index);
  Settings settings;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const Dimension& dimension = dimensions[i];
    const std::string& value = dimension.values[place[i]];
    if (dimension.option != nullptr)
      assign(*dimension.option, value, settings);
    else
      settings.point.repeat = std::stoi(value);
    if (dimension.is_axis()) point.coordinates.emplace_back(dimension.key, value);
    point.canonical.emplace_back(dimension.key, value);
  }
  point.id = hex_digits(identity_hash(point.canonical));
  point.config = std::move(settings.point);
  point.config.data.file = only_value(text, "data.file");
  point.config.initial.file = only_value(text, "initial.file");
  point.config.point_key = ensemble_key(point.canonical);
  return point;
}

void require_given(const SweepText& text) {
  const bool from_file = only_value(text, "data.source") == "file";
  if (from_file && trimmed(text.get("data.file").text).empty())
    reject(option("data.file"), text.get("data.file"), "the data file is not named");
  if (trimmed(text.get("network.widths").text).empty())
    reject(option("network.widths"), text.get("network.widths"), "the network's widths are not given");
  if (trimmed(text.get("data.hash").text).empty()) throw InternalError("data.hash is not filled in");
}

/// Two points of one identity would share a file and all random numbers.
void check_distinct(const std::vector<SweepPoint>& points) {
  std::map<std::string, int> first_of;
  for (const SweepPoint& point : points) {
    const auto [found, is_new] = first_of.emplace(point.id, point.index);
    if (!is_new)
      throw ConfigError("the points " + std::to_string(found->second) + " and " + std::to_string(point.index) +
                        " of the sweep are the same point");
  }
}

}  // namespace

SweepText::SweepText() {
  for (const Option& each : option_table()) values_[each.key()] = {default_text(each), "default"};
}

void SweepText::set(std::string_view key, GivenValue value) {
  option(key);
  values_.insert_or_assign(std::string(key), std::move(value));
}

const GivenValue& SweepText::get(std::string_view key) const {
  return values_.at(option(key).key());
}

std::vector<SweepPoint> make_points(const SweepText& text) {
  require_given(text);
  const std::vector<Dimension> dimensions = dimensions_of(text);
  const std::size_t n = count_points(dimensions);
  std::vector<SweepPoint> points;
  points.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    points.push_back(make_point(dimensions, i, text));
    check_combination(points.back().config, text);
  }
  check_distinct(points);
  return points;
}

Settings first_settings(const SweepText& text) {
  Settings settings;
  for (const Option& each : option_table())
    if (!trimmed(text.get(each.key()).text).empty()) assign(each, expand(each, text.get(each.key())).front(), settings);
  return settings;
}

std::vector<std::string> changed_options(const SweepText& before, const SweepText& now) {
  const auto joined = [](const Option& which, const GivenValue& given) {
    std::string list;
    if (trimmed(given.text).empty()) return list;
    for (const std::string& value : expand(which, given)) list += (list.empty() ? "" : ", ") + value;
    return list;
  };
  std::vector<std::string> changes;
  for (const Option& each : option_table()) {
    if (!each.defines_point) continue;
    const std::string old_value = joined(each, before.get(each.key()));
    const std::string new_value = joined(each, now.get(each.key()));
    if (old_value != new_value) changes.push_back(each.key() + ": was " + old_value + ", is now " + new_value);
  }
  return changes;
}

}  // namespace driftwood::sweep
