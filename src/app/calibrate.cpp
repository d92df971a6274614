#include "driftwood/app/calibrate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/pipeline.hpp"
#include "driftwood/app/point_cost.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/app/sweep_work.hpp"

namespace driftwood::app {

namespace {

constexpr const char* file_title = "driftwood calibration 1";

/// Removes a directory of trials when it goes.
class TrialDirectory {
 public:
  TrialDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "driftwood-plan-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw IoError("cannot make a directory for trials: " + name);
    path_ = name;
    std::filesystem::create_directory(path_ + "/points");
  }
  ~TrialDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TrialDirectory(const TrialDirectory&) = delete;
  TrialDirectory& operator=(const TrialDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The point with so much less work that it takes about `seconds` at nominal rates. The density moves as fast between
/// two snapshots as in the point itself.
sweep::SweepPoint shortened(sweep::SweepPoint point, int n_samples, double seconds) {
  sweep::PointConfig::Training& training = point.config.training;
  constexpr int few_snapshots = 6;
  if (training.snapshot_spacing == "linear" && training.snapshots > few_snapshots) {
    training.time *= static_cast<double>(few_snapshots - 1) / (training.snapshots - 1);
    training.snapshots = few_snapshots;
  }
  const double least_time = 200 * training.learning_rate;
  for (int tries = 0; tries < 60; ++tries) {
    if (sweep::predict_cost(workload_of(point.config, n_samples), 1).seconds() <= seconds) break;
    constexpr int few_replicas = 512;  // whole blocks of every vector width, and enough for a comparison
    if (training.replicas > few_replicas)
      training.replicas = std::max(few_replicas, training.replicas * 3 / 4);
    else if (training.snapshot_spacing != "listed" && training.time > least_time)
      training.time *= 0.75;
    else
      break;
    point.config.closure.neighbours = std::min(point.config.closure.neighbours, training.replicas);
  }
  return point;
}

/// Which points to try: the one that takes the most time, and the most different ones from it in what they are.
std::vector<std::size_t> trial_points(const std::vector<sweep::Workload>& workloads) {
  std::vector<double> seconds;
  for (const sweep::Workload& work : workloads) seconds.push_back(sweep::predict_cost(work, 1).seconds());
  std::vector<std::size_t> order(workloads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return seconds[a] > seconds[b]; });
  const auto is_alike = [&](std::size_t a, std::size_t b) {
    const sweep::Workload& one = workloads[a];
    const sweep::Workload& other = workloads[b];
    return one.widths == other.widths && one.cells == other.cells && one.closures == other.closures &&
           one.n_samples == other.n_samples && one.batch_size == other.batch_size;
  };
  constexpr std::size_t most_trials = 4;
  std::vector<std::size_t> chosen;
  for (const std::size_t i : order) {
    if (chosen.size() == most_trials) break;
    if (std::none_of(chosen.begin(), chosen.end(), [&](std::size_t j) { return is_alike(i, j); })) chosen.push_back(i);
  }
  return chosen;
}

/// Seconds of nominal and of measured work, over all trials.
struct Measured {
  double nominal_training = 0, training = 0;
  double nominal_theory = 0, theory = 0;
};

void measure(const sweep::SweepPoint& point, double seconds, Measured& total) {
  const mpi::Communicator self(MPI_COMM_SELF);
  const TrialDirectory directory;
  RunRequest request;
  request.output_directory = directory.path();
  Progress progress("/dev/null", false, 1);
  const data::Split data = load_dataset(point.config.data);
  const sweep::SweepPoint trial = shortened(point, data.train.n_samples, seconds);
  const results::PointRecord record = run_point(request, trial, data, {self, 0, progress, [] { return false; }});
  const sweep::PointCost nominal = sweep::predict_cost(workload_of(trial.config, data.train.n_samples), 1);
  total.nominal_training += nominal.training_seconds;
  total.training += record.ensemble.seconds;
  total.nominal_theory += nominal.solve_seconds + nominal.compare_seconds;
  total.theory += std::max(0.0, record.seconds - record.ensemble.seconds);
}

Calibration measured(const LoadedSweep& sweep, const std::vector<sweep::Workload>& workloads) {
  Measured total;
  const std::vector<std::size_t> trials = trial_points(workloads);
  constexpr double seconds_in_all = 4;
  for (const std::size_t i : trials)
    measure(sweep.points[i], seconds_in_all / static_cast<double>(trials.size()), total);
  Calibration calibration;
  if (total.nominal_training > 0) calibration.rates.training = total.training / total.nominal_training;
  if (total.nominal_theory > 0) calibration.rates.theory = total.theory / total.nominal_theory;
  calibration.origin =
      "measured here on " + std::to_string(trials.size()) + " shortened point" + (trials.size() == 1 ? "" : "s");
  return calibration;
}

std::string file_text(const sweep::MachineRates& rates) {
  char text[200];
  std::snprintf(text, sizeof text, "%s\ntraining %.6g\ntheory %.6g\n", file_title, rates.training, rates.theory);
  return text;
}

Calibration read_calibration(const std::string& path) {
  std::ifstream file(path);
  std::string title;
  std::getline(file, title);
  std::string training, theory;
  Calibration calibration;
  file >> training >> calibration.rates.training >> theory >> calibration.rates.theory;
  if (!file || title != file_title || training != "training" || theory != "theory" ||
      !(calibration.rates.training > 0) || !(calibration.rates.theory > 0))
    throw ConfigError("command line: --calibration = " + path +
                      ": it is no calibration; allowed: a file that `driftwood "
                      "plan --calibration FILE` wrote, or one that is not there yet");
  calibration.origin = "measured before (" + path + ")";
  return calibration;
}

std::string relative_text(const sweep::MachineRates& rates) {
  char text[120];
  std::snprintf(text, sizeof text, ": training takes %.2f, theory %.2f times the nominal time", rates.training,
                rates.theory);
  return text;
}

}  // namespace

sweep::MachineRates kept_rates(const CommandLine& line) {
  return line.has("calibration") ? read_calibration(line.options.at("calibration")).rates : sweep::MachineRates{};
}

Calibration calibration_of(const CommandLine& line, const LoadedSweep& sweep,
                           const std::vector<sweep::Workload>& workloads) {
  if (line.has("nominal")) {
    if (line.has("calibration")) throw ConfigError("command line: --nominal and --calibration exclude each other");
    return {{}, "at nominal rates: training and comparison to about a factor of two, the solve more roughly"};
  }
  const std::string path = line.has("calibration") ? line.options.at("calibration") : "";
  std::error_code failure;
  const bool is_kept = !path.empty() && std::filesystem::exists(path, failure);
  Calibration calibration = is_kept ? read_calibration(path) : measured(sweep, workloads);
  if (!path.empty() && !is_kept) write_text_file(path, file_text(calibration.rates));
  calibration.origin += relative_text(calibration.rates);
  return calibration;
}

}  // namespace driftwood::app
