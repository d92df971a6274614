#include "driftwood/app/load_sweep.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "driftwood/app/close.hpp"
#include "driftwood/app/ini_file.hpp"
#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/options.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/fp/hermite_basis.hpp"
#include "driftwood/sweep/axis.hpp"
#include "driftwood/sweep/identity.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

std::string read_bytes(const char* key, const std::string& path, const sweep::GivenValue& given) {
  const sweep::Option& option = sweep::option(key);
  std::error_code failure;
  if (path.empty()) sweep::reject(option, given, "the data file is not named");
  if (std::filesystem::is_directory(path, failure)) sweep::reject(option, given, "it is a directory, not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) sweep::reject(option, given, std::string("cannot be read: ") + std::strerror(errno));
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) sweep::reject(option, given, std::string("cannot be read: ") + std::strerror(errno));
  return bytes;
}

constexpr const char* points_file_key = "sweep.points_file";

/// The content of the file that lists points; the points go into the text.
std::string read_points_file(sweep::SweepText& text) {
  const sweep::GivenValue& given = text.get(points_file_key);
  const std::string path(sweep::trimmed(given.text));
  try {
    std::string csv = read_config_file(path);
    text.set_table(sweep::parse_point_table(csv, path));
    return csv;
  } catch (const ConfigError& error) {
    throw ConfigError(given.origin + ": " + points_file_key + ": " + error.what());
  }
}

/// The hash of the content of each of the files; where hashes were given, the contents must be those they promise.
void complete_hash(sweep::SweepText& text, const char* key, const char* file_key) {
  std::string hashes;
  for (const std::string& path : text.values(file_key))
    hashes += (hashes.empty() ? "" : " | ") +
              sweep::hex_digits(sweep::content_hash(read_bytes(file_key, path, text.get(file_key))));
  const sweep::GivenValue& given = text.get(key);
  const std::string promised(sweep::trimmed(given.text));
  const std::string paths(sweep::trimmed(text.get(file_key).text));
  if (promised.empty())
    text.set(key, {hashes, "content of " + paths});
  else if (promised != hashes)
    sweep::reject(sweep::option(key), given, "the content of " + paths + " has the hash " + hashes);
}

/// Fills in data.hash and, where there is an initial.file, initial.hash.
void complete_hashes(sweep::SweepText& text) {
  const std::vector<std::string> sources = text.values_at_points("data.source");
  if (std::find(sources.begin(), sources.end(), "file") != sources.end()) {
    complete_hash(text, "data.hash", "data.file");
  } else {
    const std::string hash = sweep::hex_digits(sweep::content_hash(sweep::generated_data));
    const sweep::GivenValue& given = text.get("data.hash");
    if (sweep::trimmed(given.text).empty())
      text.set("data.hash", {hash, std::string("content of ") + sweep::generated_data});
    else if (sweep::trimmed(given.text) != hash)
      sweep::reject(sweep::option("data.hash"), given, "generated data have the hash " + hash);
  }
  if (!sweep::trimmed(text.get("initial.file").text).empty()) complete_hash(text, "initial.hash", "initial.file");
}

/// What initial.file says must fit the network and the ensemble.
void check_initial(const sweep::SweepPoint& point, const sweep::SweepText& text) {
  try {
    load_initial(point.config.initial, make_network(point.config).n_parameters(), point.config.training.replicas);
  } catch (const Error& error) {
    sweep::reject(sweep::option("initial.file"), text.get("initial.file"), error.what());
  }
}

void check_features(const sweep::SweepPoint& point, const data::Dataset& dataset, const sweep::SweepText& text) {
  const int first = point.config.network.widths.front();
  if (first != dataset.n_features)
    sweep::reject(
        sweep::option("network.widths"), text.get("network.widths"),
        "the first width is " + std::to_string(first) + ", but " + dataset.name + " has " +
            std::to_string(dataset.n_features) +
            (point.config.data.source == "file" ? " features with data.label_column = " + point.config.data.label_column
                                                : " features"));
}

void check_epochs(const sweep::SweepPoint& point, const data::Dataset& dataset, const sweep::SweepText& text) {
  const sweep::PointConfig::Training& training = point.config.training;
  if (training.sampling == "epochs" && training.batch_size > dataset.n_samples)
    sweep::reject(
        sweep::option("training.batch_size"), text.get("training.batch_size"),
        "an epoch has only " + std::to_string(dataset.n_samples) + " samples to train on (training.sampling = epochs)");
}

/// A learning rate that falls too fast never gets there.
void check_time(const sweep::SweepPoint& point, const sweep::SweepText& text) {
  try {
    snapshot_steps(point.config.training);
  } catch (const ConfigError& error) {
    sweep::reject(sweep::option("training.time"), text.get("training.time"), error.what());
  }
}

/// Throws where the weights that network.tracked_weights names are not there.
nn::TrackedWeights tracked_of(const sweep::SweepPoint& point, const nn::Network& network,
                              const sweep::SweepText& text) {
  try {
    return make_tracked(point.config, network);
  } catch (const ConfigError& error) {
    sweep::reject(sweep::option("network.tracked_weights"), text.get("network.tracked_weights"), error.what());
  }
}

/// What the closure `conditional` can do with d tracked weights, and which of its options it looks at.
void check_regression(const sweep::PointConfig& config, int d, const std::string& what, const sweep::SweepText& text) {
  const sweep::PointConfig::Closure& closure = config.closure;
  const auto refuse = [&](const char* key, const std::string& why) {
    sweep::reject(sweep::option(key), text.get(key), why);
  };
  if (d > 2 && closure.regression == "local_linear")
    refuse("closure.regression", what + ", and local_linear is for one or two: polynomial or automatic");
  const bool is_polynomial = is_polynomial_regression(closure, d);
  const sweep::Option& regression = sweep::option("closure.regression");
  if (text.values(regression.key()).size() > 1) return;  // some point may use the others
  const std::string with =
      " with " + std::to_string(d) + " tracked weights and closure.regression = " + closure.regression;
  if (is_polynomial && closure.neighbours != sweep::PointConfig().closure.neighbours)
    refuse("closure.neighbours", "it has no effect" + with);
  if (!is_polynomial && closure.degree != 0) refuse("closure.degree", "it has no effect" + with);
  const int needed = 2 * fp::HermiteBasis::n_terms(d, closure.degree);
  if (closure.degree > 0 && config.training.replicas < needed)
    refuse("closure.degree", "with " + std::to_string(d) + " tracked weights it needs " + std::to_string(needed) +
                                 " replicas, there are " + std::to_string(config.training.replicas) +
                                 " (training.replicas)");
}

void check_dimension(const sweep::SweepPoint& point, const sweep::SweepText& text) {
  const nn::Network network = make_network(point.config);
  const int d = tracked_of(point, network, text).dimension();
  const int layer = point.config.network.tracked_layer;
  const bool is_listed = !point.config.network.tracked_weights.empty();
  const char* key = is_listed ? "network.tracked_weights" : layer > 0 ? "network.tracked_layer" : "network.widths";
  const std::string what =
      (is_listed ? "the list"
                 : "the tracked layer " + std::to_string(layer > 0 ? layer : network.bottleneck_layer()) + " of " +
                       network.describe()) +
      " has " + std::to_string(d) + " weights";
  if (d > 4) sweep::reject(sweep::option(key), text.get(key), what + ", at most 4 can be tracked");
  if (d <= 4 && !point.config.closure.names.empty()) check_regression(point.config, d, what, text);
  const std::size_t n_cells = point.config.fokker_planck.cells.size();
  if (n_cells > 1 && n_cells != static_cast<std::size_t>(d))
    sweep::reject(sweep::option("fokker_planck.cells"), text.get("fokker_planck.cells"),
                  what + ": 1 number for all axes" + (d > 1 ? ", or " + std::to_string(d) : ""));
}

/// `joint` holds where nothing but the tracked weights varies.
void check_joint(const sweep::SweepPoint& point, const sweep::SweepText& text) {
  const auto& names = point.config.closure.names;
  if (std::find(names.begin(), names.end(), "joint") == names.end() || others_are_constant(point.config)) return;
  sweep::reject(
      sweep::option("closure.names"), text.get("closure.names"),
      "joint needs every trained or spread parameter tracked: network.tracked_weights = all (at most 4 of them), "
      "or freeze and share the others (training.trained = tracked, initial.others = shared)");
}

}  // namespace

void check_points(const std::vector<sweep::SweepPoint>& points, const sweep::SweepText& text) {
  std::map<std::string, data::Dataset> datasets;
  for (const sweep::SweepPoint& point : points) {
    const std::string key = dataset_key(point.config.data);
    if (datasets.count(key) == 0) datasets.emplace(key, load_dataset(point.config.data).train);
    check_features(point, datasets.at(key), text);
    check_epochs(point, datasets.at(key), text);
    check_time(point, text);
    check_dimension(point, text);
    check_joint(point, text);
    check_initial(point, text);
  }
}

LoadedSweep load_sweep(const CommandLine& line) {
  LoadedSweep loaded{read_sweep_text(line.operand, environment_settings(), line.settings), {}, {}, {}};
  const sweep::GivenValue points_file = loaded.text.get(points_file_key);
  if (!sweep::trimmed(points_file.text).empty()) loaded.points_csv = read_points_file(loaded.text);
  complete_hashes(loaded.text);
  loaded.points = sweep::make_points(loaded.text);
  check_points(loaded.points, loaded.text);
  sweep::SweepText effective = loaded.text;
  if (!loaded.points_csv.empty())
    effective.set(points_file_key, {store::RunDirectory::points_csv_name, "content of " + points_file.text});
  loaded.effective_ini = effective_ini(effective);
  return loaded;
}

LoadedSweep load_sweep(const CommandLine& line, const mpi::Communicator& world) {
  LoadedSweep loaded;
  mpi::agree(world, [&] {
    if (world.is_root()) loaded = load_sweep(line);
  });
  loaded.effective_ini = world.broadcast(loaded.effective_ini);
  loaded.points_csv = world.broadcast(loaded.points_csv);
  mpi::agree(world, [&] {
    if (world.is_root()) return;
    loaded.text = parse_sweep_text(loaded.effective_ini, "effective.ini");
    if (!loaded.points_csv.empty()) loaded.text.set_table(sweep::parse_point_table(loaded.points_csv, "points.csv"));
    loaded.points = sweep::make_points(loaded.text);
  });
  return loaded;
}

LoadedSweep read_run(const store::RunDirectory& run) {
  const std::string path = run.effective_ini();
  std::error_code failure;
  if (!std::filesystem::exists(path, failure))
    throw ConfigError("'" + run.path + "' is no run directory: there is no " + path);
  LoadedSweep loaded;
  loaded.effective_ini = read_config_file(path);
  loaded.text = parse_sweep_text(loaded.effective_ini, path);
  if (!sweep::trimmed(loaded.text.get(points_file_key).text).empty()) {
    loaded.text.set(points_file_key, {run.points_csv(), loaded.text.get(points_file_key).origin});
    loaded.points_csv = read_points_file(loaded.text);
  }
  loaded.points = sweep::make_points(loaded.text);
  return loaded;
}

}  // namespace driftwood::app
