#include "driftwood/app/calibrate.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "driftwood/app/load_dataset.hpp"
#include "driftwood/app/pipeline.hpp"
#include "driftwood/app/point_cost.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/app/sweep_work.hpp"
#include "driftwood/sweep/calibration_text.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

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

/// Fewer cells along every axis; false where few are left, with which a density can still be solved.
bool coarsen(sweep::PointConfig& config, int dimension) {
  constexpr int fewest = 14;
  std::vector<int> cells = make_solve_options(config.fokker_planck, dimension).cells;
  bool changed = false;
  for (int& n : cells) {
    const int fewer = std::max(fewest, n * 17 / 20);
    changed = changed || fewer < n;
    n = std::min(n, fewer);
  }
  config.fokker_planck.cells = cells;
  return changed;
}

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
    const sweep::Workload work = workload_of(point.config, n_samples);
    const sweep::PointCost cost = sweep::predict_cost(work, 1);
    if (cost.seconds() <= seconds) break;
    if (work.dimension > 2 && cost.solve_seconds > seconds / 2 && coarsen(point.config, work.dimension)) continue;
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

/// The points to try: of each kind of work (sweep::kind_of) the most costly one, the kinds that take most of the sweep
/// first.
std::vector<std::size_t> trial_points(const std::vector<sweep::Workload>& workloads) {
  struct Kind {
    double seconds = 0;  ///< of all its points
    std::size_t longest = 0;
    double longest_seconds = -1;
  };
  std::map<std::string, Kind> kinds;
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const double seconds = sweep::predict_cost(workloads[i], 1).seconds();
    Kind& kind = kinds[sweep::kind_of(workloads[i])];
    kind.seconds += seconds;
    if (seconds > kind.longest_seconds) {
      kind.longest = i;
      kind.longest_seconds = seconds;
    }
  }
  std::vector<Kind> order;
  for (const auto& entry : kinds) order.push_back(entry.second);
  std::stable_sort(order.begin(), order.end(), [](const Kind& a, const Kind& b) { return a.seconds > b.seconds; });
  constexpr std::size_t most_trials = 8;
  std::vector<std::size_t> chosen;
  for (std::size_t k = 0; k < std::min(order.size(), most_trials); ++k) chosen.push_back(order[k].longest);
  return chosen;
}

/// Seconds in each stage of a point.
using StageSeconds = std::array<double, 4>;
constexpr std::size_t training = 0, solve = 1, compare = 2, commit = 3, n_stages = 4;

StageSeconds nominal_seconds(const sweep::Workload& work) {
  const sweep::PointCost cost = sweep::predict_cost(work, 1);
  return {cost.training_seconds, cost.solve_seconds, cost.compare_seconds, cost.commit_seconds};
}

/// Counts this process's processor time by stages, not the time on the clock: what other people's programs take
/// meanwhile (on a login node, say) is no property of the sweep.
class StageClock {
 public:
  /// A stage as run_point names it.
  void begin(std::string_view name) {
    const std::size_t next = name.starts_with("closure ") ? solve
                             : name == "comparison"       ? compare
                             : name == "commit"           ? commit
                             : name == "training"         ? training
                                                          : n_stages;
    const double time = processor_seconds();
    if (stage_ < n_stages) seconds_[stage_] += time - start_;
    stage_ = next;
    start_ = time;
  }
  const StageSeconds& seconds() const { return seconds_; }

 private:
  static double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  std::size_t stage_ = n_stages;
  double start_ = 0;
  StageSeconds seconds_{};
};

/// Seconds that a trial took, and that it would take at nominal rates.
struct Trial {
  StageSeconds nominal{};
  StageSeconds measured{};
};

Trial measure(const sweep::SweepPoint& point, double seconds) {
  const mpi::Communicator self(MPI_COMM_SELF);
  const TrialDirectory directory;
  RunRequest request;
  request.output_directory = directory.path();
  Progress progress("/dev/null", false);
  const data::Split data = load_dataset(point.config.data);
  const sweep::SweepPoint trial = shortened(point, data.train.n_samples, seconds);
  StageClock clock;
  const GroupAtWork alone{self, 0, progress, [] { return false; },
                          [&](const std::string& stage) { clock.begin(stage); }};
  const results::PointRecord record = run_point(request, trial, data, alone);
  clock.begin("commit");
  store::write_point(store::RunDirectory{directory.path()}, record);
  clock.begin("end");
  return {nominal_seconds(workload_of(trial.config, data.train.n_samples)), clock.seconds()};
}

/// Stages that were not tried keep `otherwise`.
sweep::StageRates rates_of(const Trial& trial, const sweep::StageRates& otherwise) {
  constexpr double least = 1e-3;
  const auto rate = [&](std::size_t stage, double unknown) {
    return trial.nominal[stage] > 0 ? std::max(least, trial.measured[stage] / trial.nominal[stage]) : unknown;
  };
  return {rate(training, otherwise.training), rate(solve, otherwise.solve), rate(compare, otherwise.compare),
          rate(commit, otherwise.commit)};
}

Calibration measured(const LoadedSweep& sweep, const std::vector<sweep::Workload>& workloads) {
  const std::vector<std::size_t> points = trial_points(workloads);
  constexpr double seconds_in_all = 4;
  constexpr double warm_up = 0.05;  // what happens only once in a process is no part of the work
  measure(sweep.points[points.front()], warm_up);
  std::vector<Trial> trials;
  Trial total;
  for (const std::size_t i : points) {
    trials.push_back(measure(sweep.points[i], seconds_in_all / static_cast<double>(points.size())));
    for (std::size_t stage = 0; stage < n_stages; ++stage) {
      total.nominal[stage] += trials.back().nominal[stage];
      total.measured[stage] += trials.back().measured[stage];
    }
  }
  Calibration calibration;
  calibration.rates.overall = rates_of(total, {});
  for (std::size_t k = 0; k < points.size(); ++k)
    calibration.rates.kinds[sweep::kind_of(workloads[points[k]])] = rates_of(trials[k], calibration.rates.overall);
  calibration.origin =
      "measured here on " + std::to_string(points.size()) + " shortened point" + (points.size() == 1 ? "" : "s");
  return calibration;
}

/// "AMD EPYC 9R14 96-Core Processor", or only the architecture where the system does not say more.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name") && line.find(':') != std::string::npos)
      return std::string(sweep::trimmed(line.substr(line.find(':') + 1)));
  utsname system{};
  return uname(&system) == 0 ? system.machine : "unknown";
}

std::string allowed_file(const std::string& path, const std::string& why) {
  return "command line: --calibration = " + path + ": " + why +
         "; allowed: a file that `driftwood plan --calibration FILE` wrote on this kind of machine, or one that is not "
         "there yet";
}

sweep::MeasuredRates read_calibration(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    if (!file) throw sweep::ValueError("it cannot be read");
    return sweep::parse_calibration(text);
  } catch (const sweep::ValueError& error) {
    throw ConfigError(allowed_file(path, std::string("it is no calibration: ") + error.what()));
  }
}

std::string relative_text(const sweep::StageRates& rates) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(),
                ": training takes %.2f, solves %.2f, comparisons %.2f, files %.2f times the nominal time",
                rates.training, rates.solve, rates.compare, rates.commit);
  return text.data();
}

}  // namespace

sweep::MachineRates kept_rates(const CommandLine& line) {
  if (!line.has("calibration")) return {};
  const std::string path = line.options.at("calibration");
  const sweep::MeasuredRates kept = read_calibration(path);
  if (kept.processor == processor_name()) return kept.rates;
  std::fprintf(stderr, "driftwood: warning: %s was measured on another processor (%s): predictions are nominal\n",
               path.c_str(), kept.processor.c_str());
  return {};
}

Calibration calibration_of(const CommandLine& line, const LoadedSweep& sweep,
                           const std::vector<sweep::Workload>& workloads) {
  if (line.has("nominal")) {
    if (line.has("calibration")) throw ConfigError("command line: --nominal and --calibration exclude each other");
    return {{}, "at nominal rates: training and comparison to about a factor of two, the solve more roughly"};
  }
  const std::string path = line.has("calibration") ? line.options.at("calibration") : "";
  std::error_code failure;
  Calibration calibration;
  if (!path.empty() && std::filesystem::exists(path, failure)) {
    sweep::MeasuredRates kept = read_calibration(path);
    if (kept.processor != processor_name())
      throw ConfigError(allowed_file(
          path, "it was measured on another processor (" + kept.processor + "; this one is " + processor_name() + ")"));
    calibration = {std::move(kept.rates), "measured before (" + path + ")"};
  } else {
    calibration = measured(sweep, workloads);
    if (!path.empty()) write_text_file(path, sweep::calibration_text({processor_name(), calibration.rates}));
  }
  calibration.origin += relative_text(calibration.rates.overall);
  return calibration;
}

}  // namespace driftwood::app
