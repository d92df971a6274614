#include "driftwood/app/load_dataset.hpp"

#include <cstdio>

#include "driftwood/core/error.hpp"
#include "driftwood/data/generators.hpp"
#include "driftwood/data/idx.hpp"
#include "driftwood/data/transforms.hpp"
#include "driftwood/store/dataset_file.hpp"

namespace driftwood::app {

namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

data::Dataset read_file(const sweep::PointConfig::Data& options) {
  const std::string& file = options.file;
  if (ends_with(file, ".h5") || ends_with(file, ".hdf5")) return store::read_hdf5(file, options.dataset);
  if (ends_with(file, ".idx") || ends_with(file, "-ubyte")) return data::read_idx(file);
  return data::read_csv(file, options.label_column == "none" ? data::LabelColumn::none : data::LabelColumn::last);
}

data::Dataset generate(const sweep::PointConfig::Data& options) {
  const CounterRandom random(options.seed, 0);
  const int n = options.samples;
  if (options.source == "gaussian") return data::gaussian(n, options.features, options.spectrum_decay, random);
  if (options.source == "mixture")
    return data::mixture(n, options.features, options.clusters, options.separation, options.noise, random);
  if (options.source == "ring") return data::ring(n, options.noise, random);
  if (options.source == "two_moons") return data::two_moons(n, options.noise, random);
  if (options.source == "swiss_roll") return data::swiss_roll(n, options.noise, random);
  if (options.source == "ising") return data::ising(n, options.features, options.ising_temperature, random);
  throw InternalError("no data of source '" + options.source + "'");
}

}  // namespace

data::Split load_dataset(const sweep::PointConfig::Data& options) {
  const data::Dataset dataset = options.source == "file" ? read_file(options) : generate(options);
  data::Split parts = data::split(dataset, options.test_fraction, CounterRandom(options.seed, 0));
  if (options.standardise) {
    parts.test = data::standardised(parts.test, parts.train);
    parts.train = data::standardised(parts.train);
  }
  if (options.whiten) {
    parts.test = data::whitened(parts.test, parts.train);
    parts.train = data::whitened(parts.train);
  }
  return parts;
}

std::shared_ptr<const std::vector<double>> load_initial(const sweep::PointConfig::Initial& options, int n_parameters,
                                                        long n_replicas) {
  if (options.file.empty()) return {};
  store::ParameterRows rows = store::read_parameters(options.file, options.dataset);
  const std::string found = options.file + ": dataset '" + options.dataset + "' has " + std::to_string(rows.n_rows) +
                            " rows of " + std::to_string(rows.n_columns) + " parameters";
  if (rows.n_columns != n_parameters)
    throw ConfigError(found + ", but the network has " + std::to_string(n_parameters) + " parameters");
  if (rows.n_rows != 1 && rows.n_rows != n_replicas)
    throw ConfigError(found + ": one row, or one for each of the " + std::to_string(n_replicas) +
                      " replicas (training.replicas)");
  return std::make_shared<const std::vector<double>>(std::move(rows.values));
}

std::string dataset_key(const sweep::PointConfig::Data& options) {
  char numbers[240];
  std::snprintf(numbers, sizeof numbers, "%d %d %.17g %d %.17g %.17g %.17g %u %.17g %d %d", options.samples,
                options.features, options.spectrum_decay, options.clusters, options.separation, options.noise,
                options.ising_temperature, options.seed, options.test_fraction, options.standardise ? 1 : 0,
                options.whiten ? 1 : 0);
  return options.source + '\n' + options.file + '\n' + options.dataset + '\n' + options.label_column + '\n' + numbers;
}

}  // namespace driftwood::app
