#include "driftwood/store/sweep_content.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

namespace driftwood::store {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Position of `name` in `names`; names.size() if it is not there.
std::size_t position(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) - names.begin();
}

/// One variable of all points in one array: point x its own dimensions, as large as the largest point needs.
class Merger {
 public:
  Merger(const std::vector<LoadedPoint>& loaded, const NetcdfContent& content)
      : loaded_(loaded), closures_(closures_of(loaded)) {
    for (const Dimension& dimension : content.dimensions) lengths_[dimension.name] = dimension.length;
  }

  /// Element type T with `fill` where a point has no value; `convert` makes a T of the file's values.
  template <class T, class Convert>
  std::vector<T> merge(const std::string& name, const std::vector<std::string>& dimensions, const T& fill,
                       const Convert& convert) const {
    std::size_t per_point = 1;
    for (const std::string& dimension : dimensions) per_point *= lengths_.at(dimension);
    std::vector<T> all(loaded_.size() * per_point, fill);
    for (std::size_t p = 0; p < loaded_.size(); ++p) {
      const auto found = loaded_[p].variables.find(name);
      if (found == loaded_[p].variables.end() || found->second.dimensions != dimensions) continue;
      const std::vector<T> values = convert(found->second.values);
      for (std::size_t i = 0; i < values.size(); ++i)
        all[p * per_point + target(loaded_[p], found->second, i)] = values[i];
    }
    return all;
  }

 private:
  /// Where element i of a point's variable goes within the point's part of the merged array.
  std::size_t target(const LoadedPoint& point, const LoadedPoint::Copied& variable, std::size_t i) const {
    std::size_t offset = 0;
    std::size_t stride = 1;
    for (std::size_t k = variable.shape.size(); k-- > 0;) {
      std::size_t index = i % variable.shape[k];
      i /= variable.shape[k];
      if (variable.dimensions[k] == "closure") index = position(closures_, point.closures.at(index));
      offset += index * stride;
      stride *= lengths_.at(variable.dimensions[k]);
    }
    return offset;
  }

  const std::vector<LoadedPoint>& loaded_;
  std::vector<std::string> closures_;
  std::map<std::string, std::size_t> lengths_;
};

std::vector<double> as_reals(const Values& values) {
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&values))
    return {integers->begin(), integers->end()};
  return std::get<std::vector<double>>(values);
}

std::vector<std::string> as_texts(const Values& values) {
  return std::get<std::vector<std::string>>(values);
}

void add_dimensions(NetcdfContent& content, const std::vector<LoadedPoint>& loaded) {
  content.dimensions.push_back({"point", loaded.size()});
  content.dimensions.push_back({"closure", closures_of(loaded).size()});
  for (const char* name : {"snapshot", "w", "output"}) {
    std::size_t longest = 0;
    for (const LoadedPoint& point : loaded)
      for (const auto& entry : point.variables)
        for (std::size_t k = 0; k < entry.second.dimensions.size(); ++k)
          if (entry.second.dimensions[k] == name) longest = std::max(longest, entry.second.shape[k]);
    content.dimensions.push_back({name, longest});
  }
}

/// The tracked weights' names; numbers w1, w2, .. where the points track different ones.
std::vector<std::string> common_tracked_names(const std::vector<LoadedPoint>& loaded, std::size_t d) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < d; ++k) {
    std::set<std::string> found;
    for (const LoadedPoint& point : loaded)
      if (k < point.tracked_names.size()) found.insert(point.tracked_names[k]);
    names.push_back(found.size() == 1 ? *found.begin() : std::string("w").append(std::to_string(k + 1)));
  }
  return names;
}

/// Attributes that all the points' files share: the configuration that is not swept, the program's version, ...
void add_attributes(NetcdfContent& content, const std::vector<LoadedPoint>& loaded) {
  content.add_attribute("title", "driftwood sweep: weights under training, theory against experiment");
  content.add_attribute("Conventions", "CF-1.8");
  content.add_attribute("file_kind", "sweep");
  content.add_attribute("schema_version", std::int64_t{schema_version});
  static const std::set<std::string> own{"id", "status", "message", "sweep_coordinates"};
  const auto is_read = [](const LoadedPoint& point) { return !point.attributes.empty(); };
  const auto first = std::find_if(loaded.begin(), loaded.end(), is_read);
  if (first == loaded.end()) return;
  for (const auto& attribute : first->attributes) {
    const bool shared = std::all_of(first, loaded.end(), [&](const LoadedPoint& point) {
      return !is_read(point) ||
             std::find(point.attributes.begin(), point.attributes.end(), attribute) != point.attributes.end();
    });
    if (shared && own.count(attribute.first) == 0) content.add_attribute(attribute.first, attribute.second);
  }
}

void add_coordinates(NetcdfContent& content, const std::vector<sweep::SweepPoint>& points,
                     const std::vector<LoadedPoint>& loaded) {
  std::vector<std::int64_t> index;
  std::vector<std::string> id, file, status, message;
  for (std::size_t p = 0; p < points.size(); ++p) {
    index.push_back(points[p].index);
    id.push_back(points[p].id);
    file.push_back("points/" + points[p].id + ".h5");
    status.push_back(loaded[p].status);
    message.push_back(loaded[p].message);
  }
  content.add(as_coordinate(variable({"point", "1", "position in the sweep, first axis slowest"}, {"point"}, index)));
  content.add(as_coordinate(
      variable({"closure", "1", "where the conditional expectations come from"}, {"closure"}, closures_of(loaded))));
  content.add(
      as_coordinate(variable({"w", "1", "tracked weight"}, {"w"}, common_tracked_names(loaded, content.length("w")))));
  content.add(as_coordinate(variable({"point_id", "1", "identity hash of the point"}, {"point"}, id)));
  content.add(variable({"point_file", "1", "the point's own file, relative to this one"}, {"point"}, file));
  content.add(variable({"status", "1", "done, failed or missing"}, {"point"}, status));
  content.add(variable({"message", "1", "what went wrong"}, {"point"}, message));
}

void add_copied(NetcdfContent& content, const std::vector<LoadedPoint>& loaded) {
  const Merger merger(loaded, content);
  for (const LoadedPoint& point : loaded) {
    for (const std::string& name : point.order) {
      if (content.has_variable(name)) continue;
      const LoadedPoint::Copied& copied = point.variables.at(name);
      std::vector<std::string> dimensions = copied.dimensions;
      dimensions.insert(dimensions.begin(), "point");
      Values values;
      if (std::holds_alternative<std::vector<std::string>>(copied.values))
        values = merger.merge<std::string>(name, copied.dimensions, "", as_texts);
      else
        values = merger.merge<double>(name, copied.dimensions, nan, as_reals);
      Variable merged = variable(copied.label, std::move(dimensions), std::move(values));
      merged.is_coordinate = name == "time" || name == "step";
      content.add(std::move(merged));
    }
  }
}

/// The number that the whole text stands for; NaN if it is not a finite number.
double number_in(const std::string& text) {
  double value = nan;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value) ? value : nan;
}

/// "training.learning_rate" -> "learning_rate", or "training_learning_rate" where the short name is taken.
std::string variable_name(const NetcdfContent& content, const std::string& key,
                          const std::set<std::string>& ambiguous) {
  const std::string last = key.substr(key.rfind('.') + 1);
  const auto is_dimension = [&](const Dimension& dimension) { return dimension.name == last; };
  const bool taken = content.has_variable(last) || ambiguous.count(last) > 0 ||
                     std::any_of(content.dimensions.begin(), content.dimensions.end(), is_dimension);
  if (!taken) return last;
  std::string full = key;
  std::replace(full.begin(), full.end(), '.', '_');
  while (content.has_variable(full)) full = "swept_" + full;
  return full;
}

/// One coordinate variable for every swept key.
void add_swept(NetcdfContent& content, const std::vector<sweep::SweepPoint>& points) {
  std::vector<std::string> keys;
  std::set<std::string> seen, ambiguous;
  for (const sweep::SweepPoint& point : points)
    for (const auto& entry : point.coordinates) {
      if (std::find(keys.begin(), keys.end(), entry.first) != keys.end()) continue;
      keys.push_back(entry.first);
      const std::string last = entry.first.substr(entry.first.rfind('.') + 1);
      if (!seen.insert(last).second) ambiguous.insert(last);
    }
  for (const std::string& key : keys) {
    std::vector<std::string> texts;
    std::vector<double> numbers;
    for (const sweep::SweepPoint& point : points) {
      const auto same_key = [&](const auto& entry) { return entry.first == key; };
      const auto found = std::find_if(point.coordinates.begin(), point.coordinates.end(), same_key);
      texts.push_back(found == point.coordinates.end() ? "" : found->second);
      numbers.push_back(number_in(texts.back()));
    }
    const bool numeric = std::none_of(numbers.begin(), numbers.end(), [](double value) { return std::isnan(value); });
    const Label label{variable_name(content, key, ambiguous), "1", "swept option " + key};
    content.add(as_coordinate(variable(label, {"point"}, numeric ? Values(numbers) : Values(texts))));
  }
}

}  // namespace

std::vector<std::string> closures_of(const std::vector<LoadedPoint>& loaded) {
  std::vector<std::string> all;
  const auto add = [&](const std::string& name) {
    const auto has = [&](const LoadedPoint& point) { return position(point.closures, name) < point.closures.size(); };
    if (position(all, name) == all.size() && std::any_of(loaded.begin(), loaded.end(), has)) all.push_back(name);
  };
  for (const char* name :
       {"fixed", "mean_trajectory", "annealed", "quenched", "conditional", "self_consistent", "joint"})
    add(name);
  for (const LoadedPoint& point : loaded)
    for (const std::string& name : point.closures) add(name);
  return all;
}

NetcdfContent sweep_content(const std::vector<sweep::SweepPoint>& points, const std::vector<LoadedPoint>& loaded) {
  NetcdfContent content;
  add_attributes(content, loaded);
  add_dimensions(content, loaded);
  add_coordinates(content, points, loaded);
  add_copied(content, loaded);
  add_swept(content, points);
  return content;
}

}  // namespace driftwood::store
