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

data::Dataset load_dataset(const sweep::PointConfig::Data& options) {
  data::Dataset dataset = options.source == "file" ? read_file(options) : generate(options);
  if (options.standardise) dataset = data::standardised(dataset);
  return options.whiten ? data::whitened(dataset) : dataset;
}

std::string dataset_key(const sweep::PointConfig::Data& options) {
  char numbers[200];
  std::snprintf(numbers, sizeof numbers, "%d %d %.17g %d %.17g %.17g %.17g %u %d %d", options.samples, options.features,
                options.spectrum_decay, options.clusters, options.separation, options.noise, options.ising_temperature,
                options.seed, options.standardise ? 1 : 0, options.whiten ? 1 : 0);
  return options.source + '\n' + options.file + '\n' + options.dataset + '\n' + options.label_column + '\n' + numbers;
}

}  // namespace driftwood::app
