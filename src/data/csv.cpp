#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "driftwood/core/error.hpp"
#include "driftwood/data/dataset.hpp"

namespace driftwood::data {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '"'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t comma = line.find(',');
    fields.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

double number(std::string_view field, const std::string& where, const std::string& column) {
  double value = 0;
  const char* first = field.data();
  const char* last = first + field.size();
  if (last - first > 1 && *first == '+' && first[1] != '-') ++first;  // from_chars takes no plus sign
  const auto [end, code] = std::from_chars(first, last, value);
  if (code != std::errc() || end != last || !std::isfinite(value))
    throw ConfigError(where + ": column '" + column + "': '" + std::string(field) + "' is not a finite number");
  return value;
}

std::ifstream open_file(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure))
    throw IoError("cannot read the data set '" + path + "': it is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError("cannot read the data set '" + path + "': " + std::strerror(errno));
  return file;
}

void read_header(std::ifstream& file, LabelColumn label_column, Dataset& dataset) {
  std::string line;
  if (!std::getline(file, line)) throw ConfigError(dataset.name + ":1: the data set is empty");
  std::string_view text = line;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  for (std::string_view name : fields_of(text)) dataset.feature_names.emplace_back(name);
  if (label_column == LabelColumn::last) dataset.feature_names.pop_back();
  dataset.n_features = static_cast<int>(dataset.feature_names.size());
  if (dataset.n_features == 0)
    throw ConfigError(dataset.name + ":1: no columns are left besides the label; set data.label_column = none");
}

}  // namespace

Dataset read_csv(const std::string& path, LabelColumn label_column) {
  Dataset dataset;
  dataset.name = path;
  std::ifstream file = open_file(path);
  read_header(file, label_column, dataset);
  const std::size_t n_columns = dataset.n_features + (label_column == LabelColumn::last ? 1 : 0);
  std::string line;
  for (long row = 2; std::getline(file, line); ++row) {
    if (trimmed(line).empty()) continue;
    const std::string where = path + ":" + std::to_string(row);
    const std::vector<std::string_view> fields = fields_of(line);
    if (fields.size() != n_columns)
      throw ConfigError(where + ": " + std::to_string(fields.size()) + " columns where the first row has " +
                        std::to_string(n_columns));
    for (int k = 0; k < dataset.n_features; ++k)
      dataset.values.push_back(number(fields[k], where, dataset.feature_names[k]));
    ++dataset.n_samples;
  }
  if (file.bad()) throw IoError("cannot read the data set '" + path + "': " + std::strerror(errno));
  if (dataset.n_samples == 0) throw ConfigError(path + ": the data set has no rows below its column names");
  return dataset;
}

Dataset standardised(const Dataset& dataset) {
  return standardised(dataset, dataset);
}

Dataset standardised(const Dataset& dataset, const Dataset& reference) {
  Dataset result = dataset;
  const double n = reference.n_samples;
  for (int k = 0; k < dataset.n_features; ++k) {
    double mean = 0;
    for (int s = 0; s < reference.n_samples; ++s) mean += reference.sample(s)[k] / n;
    double variance = 0;
    bool constant = true;  // exactly: round-off in the mean must not be blown up to a feature
    for (int s = 0; s < reference.n_samples; ++s) {
      variance += std::pow(reference.sample(s)[k] - mean, 2) / n;
      constant = constant && reference.sample(s)[k] == reference.sample(0)[k];
    }
    const double scale = !constant && variance > 0 ? 1 / std::sqrt(variance) : 0.0;
    for (int s = 0; s < dataset.n_samples; ++s)
      result.values[static_cast<std::size_t>(s) * dataset.n_features + k] = (dataset.sample(s)[k] - mean) * scale;
  }
  return result;
}

}  // namespace driftwood::data
