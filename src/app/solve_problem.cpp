#include "driftwood/app/solve_problem.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "driftwood/app/point_problem.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/store/solve_file.hpp"
#include "driftwood/sweep/axis.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/validation.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

using Numbers = std::vector<double>;

std::string counted(std::size_t n) {
  return std::to_string(n) + (n == 1 ? " number" : " numbers");
}

/// Turns the words of one config into a problem, and refuses with their origin those that make none.
class Poser {
 public:
  explicit Poser(const sweep::SweepText& text)
      : text_(text), settings_(solve_settings(text)), config_(settings_.problem) {}

  PosedProblem pose() {
    PosedProblem posed;
    posed.family = config_.family;
    check_used_keys();
    posed.problem = config_.family == "table" ? read_table() : nullptr;
    set_dimension(posed.problem ? posed.problem->dimension() : 0);
    posed.options = solve_options();
    posed.start = start();
    check_box(posed.options, posed.start);
    if (!posed.problem) posed.problem = make_problem(posed.options);
    posed.times = times();
    posed.n_rates = relaxation_rates(posed);
    posed.checkpoint_seconds = settings_.checkpoint_seconds;
    return posed;
  }

 private:
  [[noreturn]] void refuse(const std::string& key, const std::string& why) const {
    sweep::reject(sweep::option(key), text_.get(key), why);
  }

  bool is_default(const std::string& key) const {
    const sweep::Option& option = sweep::option(key);
    const std::string given(sweep::trimmed(text_.get(key).text));
    const std::string usual = sweep::default_text(option);
    return given == usual || (!given.empty() && sweep::canonical_value(option, given) == usual);
  }

  /// A key of another family would be ignored.
  void check_used_keys() const {
    std::vector<std::string> used{"file"};
    std::vector<std::string> known{"file"};
    for (const fp::Family& family : fp::problem_families()) {
      known.insert(known.end(), family.parameters.begin(), family.parameters.end());
      if (family.name == config_.family) used = family.parameters;
    }
    std::string list;
    for (const std::string& name : used) list += (list.empty() ? "" : ", ") + name;
    for (const std::string& name : known)
      if (std::find(used.begin(), used.end(), name) == used.end() && !is_default("problem." + name))
        refuse("problem." + name, "it has no effect with problem.family = " + config_.family + ", which uses " + list);
    for (const std::string& name : {std::string("potential"), std::string("file")})
      if (std::find(used.begin(), used.end(), name) != used.end() && is_default("problem." + name))
        refuse("problem." + name, "problem.family = " + config_.family + " needs it");
  }

  std::unique_ptr<fp::Problem> read_table() const {
    try {
      return fp::make_table_problem(store::read_coefficients(config_.file));
    } catch (const Error& error) {
      throw ConfigError(text_.get("problem.file").origin + ": problem.file: " + error.what());
    }
  }

  std::size_t n_components() const { return config_.start_weights.size(); }

  void set_dimension(int of_table) {
    int of_family = of_table;
    for (const fp::Family& family : fp::problem_families())
      if (family.name == config_.family) of_family = family.dimension;
    d_ = config_.dimension;
    if (d_ > 0 && of_family > 0 && d_ != of_family)
      refuse("problem.dimension", (of_table > 0 ? config_.file : config_.family) + " has " + std::to_string(of_family) +
                                      " dimensions: " + std::to_string(of_family) + " or 0");
    if (d_ == 0) d_ = of_family;
    if (d_ == 0) d_ = static_cast<int>(config_.start_mean.size() / n_components());
    if (d_ < 1 || d_ > 4)
      refuse("problem.start_mean", "it has " + counted(config_.start_mean.size()) + " for " +
                                       std::to_string(n_components()) +
                                       " components: 1 to 4 for each are allowed, or set problem.dimension");
  }

  fp_solver::SolveOptions solve_options() const {
    const sweep::PointConfig::FokkerPlanck& words = settings_.point.fokker_planck;
    if (words.cells.size() != 1 && words.cells.size() != static_cast<std::size_t>(d_))
      refuse("fokker_planck.cells", "it has " + counted(words.cells.size()) + "; in dimension " + std::to_string(d_) +
                                        " there is 1 for all axes" + (d_ > 1 ? ", or " + std::to_string(d_) : ""));
    sweep::check_solver(words, text_);
    fp_solver::SolveOptions options = make_solve_options(words, d_);
    options.low = per_axis("fokker_planck.low", config_.low);
    options.high = per_axis("fokker_planck.high", config_.high);
    for (std::size_t face = 0; face < 2 * static_cast<std::size_t>(d_); ++face)
      options.walls.push_back(wall(face) == "absorbing" ? fp_solver::Wall::absorbing : fp_solver::Wall::no_flux);
    if (config_.low.empty() && config_.walls == std::vector<std::string>{"no_flux"}) options.walls.clear();
    return options;
  }

  const std::string& wall(std::size_t face) const {
    const std::size_t n = config_.walls.size();
    if (n != 1 && n != 2 * static_cast<std::size_t>(d_))
      refuse("fokker_planck.walls", "it has " + std::to_string(n) + " words; in dimension " + std::to_string(d_) +
                                        " there are 1 for all faces, or " + std::to_string(2 * d_));
    return config_.walls[n == 1 ? 0 : face];
  }

  Numbers per_axis(const std::string& key, const Numbers& given) const {
    if (given.size() == 1) return Numbers(static_cast<std::size_t>(d_), given[0]);
    if (given.empty() || given.size() == static_cast<std::size_t>(d_)) return given;
    refuse(key, "it has " + counted(given.size()) + "; in dimension " + std::to_string(d_) +
                    " there is 1 for all axes" + (d_ > 1 ? ", or " + std::to_string(d_) : ""));
  }

  void check_box(const fp_solver::SolveOptions& options, const fp::InitialDensity& begin) const {
    if (options.low.empty() != options.high.empty())
      refuse(
          options.low.empty() ? "fokker_planck.high" : "fokker_planck.low",
          std::string("a box needs both: fokker_planck.") + (options.low.empty() ? "low" : "high") + " is not given");
    if (options.low.empty() && !options.walls.empty())
      refuse("fokker_planck.walls", "walls need a box: set fokker_planck.low and fokker_planck.high");
    if (config_.family == "wright_fisher" && (options.low != Numbers{0} || options.high != Numbers{1}))
      refuse(options.low.empty() || options.low != Numbers{0} ? "fokker_planck.low" : "fokker_planck.high",
             "wright_fisher lives on [0, 1]: set low = 0, high = 1 and frame = fixed");
    if (options.low.empty()) return;
    if (options.frame != fp_solver::FrameKind::fixed)
      refuse("fokker_planck.low", "a box of its own does not move: set fokker_planck.frame = fixed (it is " +
                                      settings_.point.fokker_planck.frame + ")");
    for (std::size_t k = 0; k < options.low.size(); ++k) {
      if (!(options.low[k] < options.high[k]))
        refuse("fokker_planck.high", "on axis " + std::to_string(k + 1) + " it is not above fokker_planck.low = " +
                                         sweep::format_number(options.low[k]));
      for (const auto& component : begin.components) {
        const double mean = component.gaussian.mean[static_cast<Eigen::Index>(k)];
        if (mean < options.low[k] || mean > options.high[k])
          refuse("problem.start_mean", "on axis " + std::to_string(k + 1) + " it lies outside the box " +
                                           sweep::format_number(options.low[k]) + " .. " +
                                           sweep::format_number(options.high[k]));
      }
    }
  }

  fp::InitialDensity start() const {
    const auto d = static_cast<std::size_t>(d_);
    const Numbers means = per_component("problem.start_mean", config_.start_mean, d, false);
    const bool has_covariance = !config_.start_covariance.empty();
    if (has_covariance && !is_default("problem.start_std"))
      refuse("problem.start_covariance", "problem.start_std is given as well: one of the two");
    const Numbers spread = has_covariance
                               ? per_component("problem.start_covariance", config_.start_covariance, d * d, true)
                               : per_component("problem.start_std", config_.start_std, d, true);
    double total = 0;
    for (const double weight : config_.start_weights) total += weight;
    fp::InitialDensity density;
    for (std::size_t c = 0; c < n_components(); ++c) {
      const Eigen::VectorXd mean = Eigen::Map<const Eigen::VectorXd>(&means[c * d], d_);
      const Eigen::MatrixXd covariance = has_covariance ? checked_covariance(&spread[c * d * d])
                                                        : Eigen::Map<const Eigen::VectorXd>(&spread[c * d], d_)
                                                              .array()
                                                              .square()
                                                              .matrix()
                                                              .asDiagonal()
                                                              .toDenseMatrix();
      density.components.push_back({config_.start_weights[c] / total, {mean, covariance}});
    }
    return density;
  }

  /// `size` numbers for every component in turn, from as many, or (for spreads) from `size`; 1 stands for all.
  Numbers per_component(const std::string& key, const Numbers& given, std::size_t size, bool may_share) const {
    const std::size_t n = n_components();
    if (given.size() == n * size) return given;
    Numbers all;
    if (given.size() == 1 && size <= 4) return Numbers(n * size, given[0]);
    for (std::size_t c = 0; c < n && may_share && given.size() == size; ++c)
      all.insert(all.end(), given.begin(), given.end());
    if (all.empty())
      refuse(key, "it has " + counted(given.size()) + "; in dimension " + std::to_string(d_) + " and with " +
                      std::to_string(n) + (n == 1 ? " component" : " components (problem.start_weights)") +
                      " there are " + std::to_string(n * size));
    return all;
  }

  Eigen::MatrixXd checked_covariance(const double* numbers) const {
    const Eigen::MatrixXd matrix = Eigen::Map<const Eigen::MatrixXd>(numbers, d_, d_);
    if (!matrix.isApprox(matrix.transpose(), 1e-12)) refuse("problem.start_covariance", "the matrix is not symmetric");
    if (Eigen::LLT<Eigen::MatrixXd>(matrix).info() != Eigen::Success)
      refuse("problem.start_covariance", "the matrix is not positive definite");
    return matrix;
  }

  std::unique_ptr<fp::Problem> make_problem(const fp_solver::SolveOptions& options) const {
    fp::ProblemParameters parameters;
    parameters.family = config_.family;
    parameters.dimension = d_;
    parameters.diffusion = config_.diffusion;
    parameters.drift_matrix = config_.drift_matrix;
    parameters.centre = config_.centre;
    parameters.potential = config_.potential;
    parameters.coupling = config_.coupling;
    parameters.stiffness = config_.stiffness;
    parameters.frequency = config_.frequency;
    parameters.modulation = config_.modulation;
    parameters.friction = config_.friction;
    parameters.velocity = config_.velocity;
    parameters.noise = config_.noise;
    parameters.growth = config_.growth;
    parameters.mutation = config_.mutation;
    parameters.box.low = options.low;
    parameters.box.high = options.high;
    for (const fp_solver::Wall wall : options.walls)
      parameters.box.absorbing.push_back(wall == fp_solver::Wall::absorbing);
    try {
      return fp::make_problem(parameters);
    } catch (const fp::ParameterError& error) {
      refuse("problem." + error.parameter, error.reason);
    }
  }

  Numbers times() const {
    Numbers times{0};
    if (config_.snapshot_times.empty()) {
      const int n = config_.snapshots;
      for (int i = 1; i < n; ++i) times.push_back(i + 1 == n ? config_.time : config_.time * i / (n - 1));
      return times;
    }
    if (!is_default("problem.snapshots"))
      refuse("problem.snapshots", "problem.snapshot_times is given as well: one of the two");
    for (const double time : config_.snapshot_times) {
      if (time <= times.back()) refuse("problem.snapshot_times", "times must ascend");
      if (time > config_.time)
        refuse("problem.snapshot_times",
               "problem.time = " + sweep::format_number(config_.time) + " comes before " + sweep::format_number(time));
      times.push_back(time);
    }
    if (times.back() < config_.time) times.push_back(config_.time);
    return times;
  }

  int relaxation_rates(const PosedProblem& posed) const {
    const int n = config_.relaxation_rates;
    if (n > 0 && posed.problem->depends_on_time())
      refuse("problem.relaxation_rates",
             "the coefficients of problem.family = " + config_.family + " depend on time here: only 0 is allowed");
    long n_cells = 1;
    for (const int cells : posed.options.cells) n_cells *= cells;
    if (n > 0 && n + 8 > n_cells)
      refuse("problem.relaxation_rates",
             "a grid of " + std::to_string(n_cells) + " cells has at most " + std::to_string(n_cells - 8));
    return n;
  }

  const sweep::SweepText& text_;
  sweep::Settings settings_;
  const sweep::ProblemConfig& config_;
  int d_ = 0;
};

}  // namespace

sweep::Settings solve_settings(const sweep::SweepText& text) {
  sweep::Settings settings;
  for (const sweep::Option& option : sweep::option_table()) {
    if (!option.is_known(sweep::Scope::solve)) continue;
    const sweep::GivenValue& given = text.get(option.key());
    try {
      sweep::assign(option, given.text, settings);
    } catch (const sweep::ValueError& error) {
      sweep::reject(option, given, error.what());
    }
  }
  return settings;
}

std::vector<std::pair<std::string, std::string>> solve_configuration(const sweep::SweepText& text) {
  std::vector<std::pair<std::string, std::string>> configuration;
  for (const sweep::Option& option : sweep::option_table())
    if (option.is_known(sweep::Scope::solve)) {
      const std::string given(sweep::trimmed(text.get(option.key()).text));
      configuration.emplace_back(option.key(), given.empty() ? "" : sweep::canonical_value(option, given));
    }
  return configuration;
}

bool PosedProblem::has_absorbing_wall() const {
  return std::find(options.walls.begin(), options.walls.end(), fp_solver::Wall::absorbing) != options.walls.end();
}

PosedProblem pose_problem(const sweep::SweepText& text) {
  return Poser(text).pose();
}

}  // namespace driftwood::app
