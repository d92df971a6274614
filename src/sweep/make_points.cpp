// From axes to points: factors, their combination, the filter, the points.
#include <algorithm>

#include "driftwood/core/error.hpp"
#include "driftwood/sweep/combination.hpp"
#include "driftwood/sweep/filter.hpp"
#include "driftwood/sweep/identity.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/sweep_text.hpp"
#include "driftwood/sweep/validation.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

namespace {

constexpr std::size_t most_points = 100000;
constexpr std::size_t most_before_filter = 10000000;
constexpr const char* repeat_key = "run.repeat";
constexpr const char* table_key = "sweep.points_file";

const std::string& only_value(const SweepText& text, std::string_view key) {
  return text.values(key).front();
}

/// Does `action`; what it says is wrong is wrong with the value of `key`.
template <class Action>
auto about(const SweepText& text, const char* key, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const ValueError& error) {
    reject(option(key), text.get(key), error.what());
  }
}

/// A key that takes part in every point: a file, or what defines the point.
struct Dimension {
  const Option* option = nullptr;  ///< nullptr: run.repeat
  std::string key;
  std::vector<std::string> values;
  std::size_t factor = 0;  ///< along which the values lie

  bool is_axis() const { return values.size() > 1; }
};

/// The keys of every point in the order of the option table, run.repeat the last.
class Dimensions {
 public:
  explicit Dimensions(const SweepText& text) : text_(text) {
    if (!text.table().rows.empty()) factors_.push_back({table_key, text.table().rows.size(), false});
    for (const Option& each : option_table()) {
      if (!each.is_known(Scope::sweep) || each.key() == "run.repeats") continue;
      if (text.is_column(each.key()))
        add_column(each);
      else if (each.name == "hash")
        add_hashes(each);
      else
        add_option(each);
    }
    Dimension repeats{nullptr, repeat_key, {}};
    const int n_repeats = std::stoi(only_value(text, "run.repeats"));
    for (int i = 0; i < n_repeats; ++i) repeats.values.push_back(std::to_string(i));
    add_axis(std::move(repeats), false);
  }

  const std::vector<Dimension>& all() const { return all_; }
  const std::vector<Factor>& factors() const { return factors_; }
  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const Dimension& dimension : all_) keys.push_back(dimension.key);
    return keys;
  }

 private:
  void add_axis(Dimension dimension, bool is_sampled) {
    dimension.factor = factors_.size();
    factors_.push_back({dimension.key, dimension.values.size(), is_sampled});
    all_.push_back(std::move(dimension));
  }

  void add_option(const Option& which) {
    const std::vector<std::string>& values = text_.values(which.key());  // checks the run's options as well
    if (which.defines_point || which.is_path)
      add_axis({&which, which.key(), values}, is_sampled(which, text_.get(which.key()).text));
  }

  /// A column of the table stands for the key's own value, which must be the default then.
  void add_column(const Option& which) {
    const GivenValue& given = text_.get(which.key());
    if (!trimmed(given.text).empty() && text_.values(which.key()) != std::vector<std::string>{default_text(which)})
      reject(which, given, std::string("it is a column of ") + table_key + " as well");
    constexpr std::size_t table_factor = 0;  // the first
    all_.push_back({&which, which.key(), text_.values_at_points(which.key()), table_factor});
  }

  /// Of the content of the section's files: one for each, along the same axis.
  void add_hashes(const Option& which) {
    const std::string file_key = which.section + ".file";
    const auto files =
        std::find_if(all_.begin(), all_.end(), [&](const Dimension& each) { return each.key == file_key; });
    Dimension hashes{&which, which.key(), {}, files->factor};
    const GivenValue& given = text_.get(which.key());
    for (const std::string_view hash : split_alternatives(given.text)) hashes.values.emplace_back(hash);
    if (hashes.values.size() != files->values.size())
      reject(which, given,
             "there are " + std::to_string(hashes.values.size()) + " hashes, but " + file_key + " has " +
                 std::to_string(files->values.size()) + " values");
    all_.push_back(std::move(hashes));
  }

  const SweepText& text_;
  std::vector<Dimension> all_;
  std::vector<Factor> factors_;
};

void check_count(const std::vector<Factor>& factors, std::size_t n_points, std::size_t most) {
  if (n_points <= most) return;
  std::string axes;
  for (const Factor& factor : factors)
    if (factor.n_values > 1)
      axes += (axes.empty() ? "" : " x ") + factor.key + " (" + std::to_string(factor.n_values) + ")";
  throw ConfigError("the sweep " + axes + " has " + std::to_string(n_points) + " points or more; allowed: at most " +
                    std::to_string(most) + (most > most_points ? " before sweep.filter" : ""));
}

/// The places along every factor of each point that the filter keeps.
std::vector<std::vector<std::size_t>> kept_places(const SweepText& text, const Dimensions& dimensions) {
  const Combination combination = about(
      text, "sweep.combine", [&] { return Combination(dimensions.factors(), only_value(text, "sweep.combine")); });
  const std::string condition(trimmed(only_value(text, "sweep.filter")));
  check_count(dimensions.factors(), combination.size(), condition.empty() ? most_points : most_before_filter);
  std::vector<std::vector<std::size_t>> kept;
  if (condition.empty()) {
    for (std::size_t i = 0; i < combination.size(); ++i) kept.push_back(combination.places(i));
    return kept;
  }
  std::map<std::string, const Dimension*, std::less<>> by_key;
  for (const Dimension& dimension : dimensions.all()) by_key[dimension.key] = &dimension;
  about(text, "sweep.filter", [&] {
    const Filter filter(condition, dimensions.keys());
    for (std::size_t i = 0; i < combination.size(); ++i) {
      std::vector<std::size_t> places = combination.places(i);
      const auto value_of = [&](const std::string& key) -> const std::string& {
        const Dimension& dimension = *by_key.at(key);
        return dimension.values[places[dimension.factor]];
      };
      if (filter.keeps(value_of)) kept.push_back(std::move(places));
      check_count(dimensions.factors(), kept.size(), most_points);
    }
    if (kept.empty()) throw ValueError("it leaves no point of " + std::to_string(combination.size()));
  });
  return kept;
}

SweepPoint make_point(const Dimensions& dimensions, const std::vector<std::size_t>& places) {
  static const std::string generated_hash = hex_digits(content_hash(generated_data));
  SweepPoint point;
  Settings settings;
  for (const Dimension& dimension : dimensions.all()) {
    const std::string* value = &dimension.values[places[dimension.factor]];
    if (dimension.key == "data.hash" && settings.point.data.source != "file") value = &generated_hash;
    if (dimension.option != nullptr)
      assign(*dimension.option, *value, settings);
    else
      settings.point.repeat = std::stoi(*value);
    const bool defines_point = dimension.option == nullptr || dimension.option->defines_point;
    const bool is_hash = dimension.option != nullptr && dimension.option->name == "hash";  // its file says it better
    if (dimension.is_axis() && !is_hash) point.coordinates.emplace_back(dimension.key, *value);
    if (defines_point) point.canonical.emplace_back(dimension.key, *value);
  }
  point.id = hex_digits(identity_hash(point.canonical));
  point.config = std::move(settings.point);
  point.config.point_key = ensemble_key(point.canonical);
  return point;
}

void require_given(const SweepText& text) {
  const auto is_missing = [&](const char* key) { return trimmed(text.get(key).text).empty() && !text.is_column(key); };
  const std::vector<std::string> sources = text.values_at_points("data.source");
  const bool from_file = std::find(sources.begin(), sources.end(), "file") != sources.end();
  if (from_file && is_missing("data.file"))
    reject(option("data.file"), text.get("data.file"), "the data file is not named");
  if (is_missing("network.widths"))
    reject(option("network.widths"), text.get("network.widths"), "the network's widths are not given");
  if (is_missing("data.hash")) throw InternalError("data.hash is not filled in");
}

/// Two points of one identity would share a file and all random numbers.
void check_distinct(const std::vector<SweepPoint>& points) {
  std::map<std::string, int> first_of;
  for (const SweepPoint& point : points) {
    const auto [found, is_new] = first_of.emplace(point.id, point.index);
    if (is_new) continue;
    std::string values;
    for (const auto& [key, value] : point.coordinates) values += (values.empty() ? "" : ", ") + key + " = " + value;
    throw ConfigError("the points " + std::to_string(found->second) + " and " + std::to_string(point.index) +
                      " of the sweep are the same point: " + values);
  }
}

}  // namespace

std::vector<SweepPoint> make_points(const SweepText& text) {
  require_given(text);
  const Dimensions dimensions(text);
  std::vector<SweepPoint> points;
  for (const std::vector<std::size_t>& places : kept_places(text, dimensions)) {
    points.push_back(make_point(dimensions, places));
    points.back().index = static_cast<int>(points.size()) - 1;
    check_combination(points.back().config, text);
  }
  check_distinct(points);
  return points;
}

}  // namespace driftwood::sweep
