#include "problem_options.hpp"

namespace driftwood::sweep {

namespace {

constexpr Bounds positive{.low = 0, .low_is_excluded = true};

/// An option of `driftwood solve` alone.
Option problem_option(Option option) {
  option.defines_point = false;
  option.may_be_axis = false;
  option.scope = Scope::solve;
  return option;
}

std::vector<Option> family_options() {
  return {
      {.section = "problem",
       .name = "family",
       .field = [](Settings& s) -> std::string& { return s.problem.family; },
       .choices = {"ornstein_uhlenbeck", "polynomial_potential", "double_well", "multiplicative_noise",
                   "geometric_brownian", "wright_fisher", "time_dependent", "kinetic", "brownian", "rotation", "table"},
       .help = "what drift and diffusion are made of (share/doc/problems.md)"},
      {.section = "problem",
       .name = "dimension",
       .field = [](Settings& s) -> int& { return s.problem.dimension; },
       .bounds = {.low = 0, .high = 4},
       .help = "of w; 0 = the family's, or as many as problem.start_mean has numbers"},
      {.section = "problem",
       .name = "file",
       .field = [](Settings& s) -> std::string& { return s.problem.file; },
       .help =
           "table: HDF5 file with drift and diffusion on a grid (share/doc/file-format.md); a relative path starts at "
           "the config file's directory"},
      {.section = "problem",
       .name = "drift_matrix",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.drift_matrix; },
       .help =
           "ornstein_uhlenbeck: A of b = -A (w - a): 1 number (times the identity), d (the diagonal) or d x d (row by "
           "row)"},
      {.section = "problem",
       .name = "centre",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.centre; },
       .help = "ornstein_uhlenbeck: a of b = -A (w - a): 1 number for all axes, or d"},
      {.section = "problem",
       .name = "diffusion",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.diffusion; },
       .help = "constant tensor D of (2.1), half the squared noise: 1 number (times the identity; kinetic: of the "
               "velocity), d (the diagonal) or d x d (row by row)"},
      {.section = "problem",
       .name = "potential",
       .field = [](Settings& s) -> std::string& { return s.problem.potential; },
       .help = "polynomial_potential: V of b = -grad V, like 0.25 w1^4 - 0.5 w1^2 + 0.1 w1 w2"},
      {.section = "problem",
       .name = "coupling",
       .field = [](Settings& s) -> double& { return s.problem.coupling; },
       .help = "double_well: c of c/2 (w_k - w_l)^2 for every pair of axes"},
      {.section = "problem",
       .name = "stiffness",
       .field = [](Settings& s) -> double& { return s.problem.stiffness; },
       .help = "time_dependent, kinetic, rotation: k of the restoring drift -k w"},
      {.section = "problem",
       .name = "friction",
       .field = [](Settings& s) -> double& { return s.problem.friction; },
       .help = "kinetic: of the velocity"},
      {.section = "problem",
       .name = "frequency",
       .field = [](Settings& s) -> double& { return s.problem.frequency; },
       .help = "rotation: angular velocity, positive against the clock; time_dependent: of the modulation"},
      {.section = "problem",
       .name = "modulation",
       .field = [](Settings& s) -> double& { return s.problem.modulation; },
       .help = "time_dependent: m of k(t) = k (1 + m sin(frequency t))"},
      {.section = "problem",
       .name = "velocity",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.velocity; },
       .help = "brownian: constant drift: 1 number for all axes, or d"},
      {.section = "problem",
       .name = "noise",
       .field = [](Settings& s) -> double& { return s.problem.noise; },
       .bounds = positive,
       .help = "multiplicative_noise, geometric_brownian, wright_fisher: s, the noise's amplitude"},
      {.section = "problem",
       .name = "growth",
       .field = [](Settings& s) -> double& { return s.problem.growth; },
       .help = "geometric_brownian: m of dX = m X dt + s X dW"},
      {.section = "problem",
       .name = "mutation",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.mutation; },
       .bounds = positive,
       .help = "wright_fisher: m1, m2 of the drift m1 (1 - X) - m2 X; 1 number for both"},
  };
}

std::vector<Option> start_options() {
  return {
      {.section = "problem",
       .name = "start_mean",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.start_mean; },
       .help = "mean of the normal density at time 0: d numbers; of a mixture: d for each component in turn"},
      {.section = "problem",
       .name = "start_std",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.start_std; },
       .bounds = positive,
       .help = "standard deviations: 1 number for all, d (for every component) or d for each component in turn"},
      {.section = "problem",
       .name = "start_covariance",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.start_covariance; },
       .help = "covariance in place of problem.start_std: d x d numbers row by row (for every component), or d x d for "
               "each component in turn",
       .may_be_none = true},
      {.section = "problem",
       .name = "start_weights",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.start_weights; },
       .bounds = positive,
       .help = "weights of a mixture's components, in any unit"},
      {.section = "problem",
       .name = "time",
       .field = [](Settings& s) -> double& { return s.problem.time; },
       .bounds = positive,
       .help = "at which the solve ends; it starts at 0"},
      {.section = "problem",
       .name = "snapshots",
       .field = [](Settings& s) -> int& { return s.problem.snapshots; },
       .bounds = {.low = 2, .high = 100000},
       .help = "densities that are kept, equally spaced in time, the first at 0"},
      {.section = "problem",
       .name = "snapshot_times",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.snapshot_times; },
       .bounds = positive,
       .help = "their times, besides 0 and problem.time, in place of problem.snapshots",
       .may_be_none = true},
      {.section = "problem",
       .name = "relaxation_rates",
       .field = [](Settings& s) -> int& { return s.problem.relaxation_rates; },
       .bounds = {.low = 0, .high = 100},
       .help = "> 0: after the solve the stationary density and so many of the slowest relaxation rates, in the last "
               "snapshot's box; the coefficients must not depend on time"},
  };
}

}  // namespace

std::vector<Option> problem_options() {
  std::vector<Option> all;
  for (auto* part : {family_options, start_options})
    for (Option& each : part()) all.push_back(problem_option(std::move(each)));
  return all;
}

}  // namespace driftwood::sweep
