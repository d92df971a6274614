// The options, one declaration each. A default lives in the member initialiser of PointConfig or Settings.
#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

namespace {

constexpr Bounds positive{.low = 0, .low_is_excluded = true};
constexpr Bounds not_negative{.low = 0};

std::vector<Option> data_options() {
  return {
      {.section = "data",
       .name = "file",
       .field = [](Settings& s) -> std::string& { return s.point.data.file; },
       .help = "CSV file with a row of column names; a relative path starts at the config file's directory (on the "
               "command line and in the environment: at the current one)",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "data",
       .name = "hash",
       .field = [](Settings& s) -> std::string& { return s.data_hash; },
       .help = "hash of the data file's content, 16 hexadecimal digits; if given, another content is an error",
       .may_be_axis = false},
      {.section = "data",
       .name = "label_column",
       .field = [](Settings& s) -> std::string& { return s.point.data.label_column; },
       .choices = {"last", "none"},
       .help = "the column that is no input of the network"},
      {.section = "data",
       .name = "standardise",
       .field = [](Settings& s) -> bool& { return s.point.data.standardise; },
       .help = "shift and scale every feature to mean 0 and standard deviation 1"},
  };
}

std::vector<Option> network_options() {
  return {
      {.section = "network",
       .name = "widths",
       .field = [](Settings& s) -> std::vector<int>& { return s.point.network.widths; },
       .unit = "units",
       .bounds = {.low = 1, .high = 4096},
       .help = "widths of all layers, the first and the last being the number of features: 4-1-1-4",
       .may_be_axis = false},
      {.section = "network",
       .name = "activation",
       .field = [](Settings& s) -> std::string& { return s.point.network.activation; },
       .choices = {"tanh", "linear"},
       .help = "of the hidden layers; the last layer is linear"},
      {.section = "network",
       .name = "biases",
       .field = [](Settings& s) -> bool& { return s.point.network.biases; },
       .help = "whether layers have biases; they start at 0"},
      {.section = "network",
       .name = "tracked_layer",
       .field = [](Settings& s) -> int& { return s.point.network.tracked_layer; },
       .bounds = {.low = 0, .high = 64},
       .help = "the layer whose matrix is tracked, counted from 1; 0 = the matrix between the bottlenecks"},
  };
}

std::vector<Option> initial_options() {
  return {
      {.section = "initial",
       .name = "scaling",
       .field = [](Settings& s) -> std::string& { return s.point.initial.scaling; },
       .choices = {"absolute", "xavier"},
       .help =
           "absolute: normal draws with the means and standard deviations below; xavier: mean 0, standard deviation "
           "sqrt(2 / (fan_in + fan_out)) everywhere"},
      {.section = "initial",
       .name = "mean",
       .field = [](Settings& s) -> double& { return s.point.initial.mean; },
       .help = "mean of the untracked weights' initial draws"},
      {.section = "initial",
       .name = "std",
       .field = [](Settings& s) -> double& { return s.point.initial.std; },
       .bounds = not_negative,
       .help = "standard deviation of the untracked weights' initial draws"},
      {.section = "initial",
       .name = "tracked_mean",
       .field = [](Settings& s) -> double& { return s.point.initial.tracked_mean; },
       .help = "mean of the tracked weights' initial draws"},
      {.section = "initial",
       .name = "tracked_std",
       .field = [](Settings& s) -> double& { return s.point.initial.tracked_std; },
       .bounds = not_negative,
       .help = "standard deviation of the tracked weights' initial draws; > 0 where closures are asked for"},
      {.section = "initial",
       .name = "others",
       .field = [](Settings& s) -> std::string& { return s.point.initial.others; },
       .choices = {"independent", "shared"},
       .help = "independent: every replica draws its own untracked weights; shared: one draw for all"},
  };
}

std::vector<Option> training_options() {
  return {
      {.section = "training",
       .name = "trained",
       .field = [](Settings& s) -> std::string& { return s.point.training.trained; },
       .choices = {"all", "tracked"},
       .help = "all: every weight is trained; tracked: only the tracked layer's matrix"},
      {.section = "training",
       .name = "replicas",
       .field = [](Settings& s) -> int& { return s.point.training.replicas; },
       .unit = "replicas",
       .bounds = {.low = 1, .high = 1e9},
       .help = "networks trained side by side: the ensemble; at least 100 where closures are asked for"},
      {.section = "training",
       .name = "learning_rate",
       .field = [](Settings& s) -> double& { return s.point.training.learning_rate; },
       .bounds = positive,
       .help = "eta of (1.3): the time of one step"},
      {.section = "training",
       .name = "batch_size",
       .field = [](Settings& s) -> int& { return s.point.training.batch_size; },
       .unit = "samples",
       .bounds = {.low = 1, .high = 1e6},
       .help = "B of (1.3): samples of a minibatch, drawn with replacement"},
      {.section = "training",
       .name = "time",
       .field = [](Settings& s) -> double& { return s.point.training.time; },
       .unit = "learning_rate * steps",
       .bounds = positive,
       .help = "end of the training in t = learning_rate * steps, rounded to whole steps"},
      {.section = "training",
       .name = "temperature",
       .field = [](Settings& s) -> double& { return s.point.training.temperature; },
       .bounds = not_negative,
       .help = "T of (1.3): noise sqrt(2 eta T) xi added to every step"},
      {.section = "training",
       .name = "weight_decay",
       .field = [](Settings& s) -> double& { return s.point.training.weight_decay; },
       .bounds = not_negative,
       .help = "lambda of (1.2)"},
      {.section = "training",
       .name = "snapshots",
       .field = [](Settings& s) -> int& { return s.point.training.snapshots; },
       .unit = "snapshots",
       .bounds = {.low = 2, .high = 100000},
       .help = "times at which the ensemble is kept and compared, the first at t = 0, the last at the end"},
      {.section = "training",
       .name = "snapshot_spacing",
       .field = [](Settings& s) -> std::string& { return s.point.training.snapshot_spacing; },
       .choices = {"linear", "log"},
       .help = "of the snapshots in t"},
  };
}

std::vector<Option> closure_options() {
  return {
      {.section = "closure",
       .name = "names",
       .field = [](Settings& s) -> std::vector<std::string>& { return s.point.closure.names; },
       .choices = {"fixed", "mean_trajectory", "annealed", "conditional"},
       .help = "the closures to solve and compare (equations section 3); none: train only",
       .may_be_axis = false},
      {.section = "closure",
       .name = "nodes",
       .field = [](Settings& s) -> int& { return s.point.closure.nodes; },
       .unit = "nodes per axis",
       .bounds = {.low = 5, .high = 100000, .or_zero = true},
       .help = "of the tables of drift and diffusion; 0 = by dimension and closure"},
      {.section = "closure",
       .name = "neighbours",
       .field = [](Settings& s) -> int& { return s.point.closure.neighbours; },
       .unit = "replicas",
       .bounds = {.low = 5, .high = 1e9, .or_zero = true},
       .help = "conditional: replicas in the regression's kernel; 0 = by cross-validation"},
      {.section = "closure",
       .name = "averaged_replicas",
       .field = [](Settings& s) -> int& { return s.point.closure.averaged_replicas; },
       .unit = "replicas",
       .bounds = {.low = 1, .high = 1e9},
       .help = "annealed: replicas in the average"},
      {.section = "closure",
       .name = "drift_correction",
       .field = [](Settings& s) -> std::string& { return s.point.closure.drift_correction; },
       .choices = {"none", "modified_loss"},
       .help = "modified_loss: the drift with its first correction in the learning rate (2.4)"},
  };
}

std::vector<Option> fokker_planck_options() {
  return {
      {.section = "fokker_planck",
       .name = "cells",
       .field = [](Settings& s) -> int& { return s.point.fokker_planck.cells; },
       .unit = "cells per axis",
       .bounds = {.low = 8, .high = 1e6, .or_zero = true},
       .help = "of the grid; 0 = by dimension"},
      {.section = "fokker_planck",
       .name = "frame",
       .field = [](Settings& s) -> std::string& { return s.point.fokker_planck.frame; },
       .choices = {"diagonal", "shifted", "fixed"},
       .help = "which parts of the frame follow the density: centre and width, centre, none (equations section 4)"},
      {.section = "fokker_planck",
       .name = "z_max",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.z_max; },
       .unit = "widths of the frame",
       .bounds = {.low = 1, .high = 1000},
       .help = "half width of the box"},
      {.section = "fokker_planck",
       .name = "flux",
       .field = [](Settings& s) -> std::string& { return s.point.fokker_planck.flux; },
       .choices = {"limited", "chang_cooper"},
       .help = "the same where the cell Peclet number is small; where drift dominates, limited is of second order, "
               "chang_cooper upwind (smears by drift * cell / 2)"},
      {.section = "fokker_planck",
       .name = "time_scheme",
       .field = [](Settings& s) -> std::string& { return s.point.fokker_planck.time_scheme; },
       .choices = {"modified_patankar", "backward_euler"},
       .help = "both keep mass and positivity at any step; order 2 and 1"},
      {.section = "fokker_planck",
       .name = "tolerance",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.tolerance; },
       .bounds = {.low = 0, .high = 1},
       .help = "of a time step: L1 distance between the second-order solution and the first-order one; 0 = fixed "
               "steps of fokker_planck.max_step"},
      {.section = "fokker_planck",
       .name = "max_step",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.max_step; },
       .unit = "as training.time",
       .bounds = not_negative,
       .help = "longest time step; 0 = the snapshots' spacing"},
      {.section = "fokker_planck",
       .name = "max_wall_mass",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.max_wall_mass; },
       .unit = "probability",
       .bounds = {.low = 0, .high = 1, .low_is_excluded = true},
       .help = "mass in the outermost cells at which the box is too small"},
      {.section = "fokker_planck",
       .name = "when_wall_is_reached",
       .field = [](Settings& s) -> std::string& { return s.point.fokker_planck.when_wall_is_reached; },
       .choices = {"widen", "fail"},
       .help = "widen the box, or end the solve as failed"},
  };
}

std::vector<Option> comparison_options() {
  return {
      {.section = "comparison",
       .name = "test_inputs",
       .field = [](Settings& s) -> int& { return s.point.comparison.test_inputs; },
       .unit = "samples",
       .bounds = {.low = 1, .high = 1e6},
       .help = "samples of the data at which outputs are compared"},
      {.section = "comparison",
       .name = "splits",
       .field = [](Settings& s) -> int& { return s.point.comparison.splits; },
       .bounds = {.low = 1, .high = 10000},
       .help = "random halvings of the ensemble behind every sampling floor"},
      {.section = "comparison",
       .name = "projections",
       .field = [](Settings& s) -> int& { return s.point.comparison.projections; },
       .bounds = {.low = 1, .high = 10000},
       .help = "random directions of the sliced distance between outputs"},
  };
}

std::vector<Option> run_options() {
  return {
      {.section = "run",
       .name = "seed",
       .field = [](Settings& s) -> std::uint32_t& { return s.point.seed; },
       .bounds = {.low = 0, .high = 4294967295.0},
       .help = "of all random numbers"},
      {.section = "run",
       .name = "repeats",
       .field = [](Settings& s) -> int& { return s.repeats; },
       .bounds = {.low = 1, .high = 10000},
       .help = "independent ensembles of every point: with n > 1 an axis run.repeat = 0..n-1, the last one",
       .may_be_axis = false},
      {.section = "run",
       .name = "ranks_per_point",
       .field = [](Settings& s) -> int& { return s.ranks_per_point; },
       .unit = "MPI ranks",
       .bounds = {.low = 0, .high = 1e6},
       .help = "that work on one point together; 0 = from the numbers of ranks and points",
       .defines_point = false,
       .may_be_axis = false},
  };
}

}  // namespace

const std::vector<Option>& option_table() {
  static const std::vector<Option> table = [] {
    std::vector<Option> all;
    for (auto* part : {data_options, network_options, initial_options, training_options, closure_options,
                       fokker_planck_options, comparison_options, run_options})
      for (Option& each : part()) all.push_back(std::move(each));
    return all;
  }();
  return table;
}

}  // namespace driftwood::sweep
