// The options, one declaration each. A default lives in the member initialiser of PointConfig or Settings.
#include "data_options.hpp"
#include "derive_options.hpp"
#include "driftwood/sweep/option.hpp"
#include "initial_options.hpp"
#include "plan_options.hpp"
#include "problem_options.hpp"
#include "solver_options.hpp"

namespace driftwood::sweep {

namespace {

constexpr Bounds positive{.low = 0, .low_is_excluded = true};
constexpr Bounds not_negative{.low = 0};

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
       .choices = {"tanh", "linear", "relu", "gelu", "sigmoid"},
       .help = "of the hidden layers; the last layer is linear"},
      {.section = "network",
       .name = "biases",
       .field = [](Settings& s) -> bool& { return s.point.network.biases; },
       .help = "whether layers have biases; they start at 0"},
      {.section = "network",
       .name = "tied_decoder",
       .field = [](Settings& s) -> bool& { return s.point.network.tied_decoder; },
       .help = "whether decoder layer L+1-l is the transpose of layer l, for l < L+1-l; the widths must read the same "
               "backwards"},
      {.section = "network",
       .name = "tracked_layer",
       .field = [](Settings& s) -> int& { return s.point.network.tracked_layer; },
       .bounds = {.low = 0, .high = 64},
       .help = "the layer whose matrix is tracked, counted from 1; 0 = the matrix between the bottlenecks"},
      {.section = "network",
       .name = "tracked_weights",
       .field = [](Settings& s) -> std::string& { return s.point.network.tracked_weights; },
       .help =
           "up to 4 weights and biases of any layers that are tracked instead, like W2[1,1], W3[2,1], c2[1] (layer, "
           "row, column)",
       .may_be_axis = false},
  };
}

std::vector<Option> training_options() {
  return {
      {.section = "training",
       .name = "trained",
       .field = [](Settings& s) -> std::string& { return s.point.training.trained; },
       .choices = {"all", "tracked"},
       .help = "all: every weight is trained; tracked: only the tracked weights"},
      {.section = "training",
       .name = "frozen_layers",
       .field = [](Settings& s) -> std::vector<int>& { return s.point.training.frozen_layers; },
       .bounds = {.low = 1, .high = 64},
       .help = "layers, counted from 1, whose weights and biases are not trained",
       .may_be_none = true,
       .may_be_axis = false},
      {.section = "training",
       .name = "precision",
       .field = [](Settings& s) -> std::string& { return s.point.training.precision; },
       .choices = {"double", "single"},
       .help = "of the training; drift, diffusion, losses and theory are always in double precision"},
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
       .help = "B of (1.3): samples of a minibatch; all samples where training.sampling = full_batch"},
      {.section = "training",
       .name = "sampling",
       .field = [](Settings& s) -> std::string& { return s.point.training.sampling; },
       .choices = {"replacement", "epochs", "full_batch"},
       .help = "replacement: every sample of a minibatch is drawn independently; epochs: minibatches are parts of a "
               "shuffled epoch, what is left over at its end is not used; full_batch: all samples at every step"},
      {.section = "training",
       .name = "minibatches",
       .field = [](Settings& s) -> std::string& { return s.point.training.minibatches; },
       .choices = {"own", "shared"},
       .help = "own: every replica draws its own minibatches; shared: all replicas see the same sequence"},
      {.section = "training",
       .name = "time",
       .field = [](Settings& s) -> double& { return s.point.training.time; },
       .unit = "learning_rate * steps",
       .bounds = positive,
       .help = "end of the training in t = the sum of the steps' learning rates (divided by 1 - training.momentum with "
               "heavy-ball momentum), rounded to whole steps"},
      {.section = "training",
       .name = "schedule",
       .field = [](Settings& s) -> std::string& { return s.point.training.schedule; },
       .choices = {"constant", "step", "cosine", "inverse_time"},
       .help = "of the learning rate at step k, with K = schedule_steps and f = schedule_factor: constant; step: "
               "f^floor(k/K); "
               "cosine: from 1 down to f at K, then f; inverse_time: 1 / (1 + k/K); times training.learning_rate"},
      {.section = "training",
       .name = "schedule_steps",
       .field = [](Settings& s) -> double& { return s.point.training.schedule_steps; },
       .unit = "steps",
       .bounds = positive,
       .help = "K of training.schedule"},
      {.section = "training",
       .name = "schedule_factor",
       .field = [](Settings& s) -> double& { return s.point.training.schedule_factor; },
       .bounds = {.low = 0, .high = 1},
       .help = "f of training.schedule"},
      {.section = "training",
       .name = "optimiser",
       .field = [](Settings& s) -> std::string& { return s.point.training.optimiser; },
       .choices = {"sgd", "momentum", "rmsprop", "adam"},
       .help = "sgd: (1.3); momentum: heavy ball; rmsprop, adam: for comparison, without closures"},
      {.section = "training",
       .name = "momentum",
       .field = [](Settings& s) -> double& { return s.point.training.momentum; },
       .bounds = {.low = 0, .high = 0.9999},
       .help = "beta of momentum and adam"},
      {.section = "training",
       .name = "square_decay",
       .field = [](Settings& s) -> double& { return s.point.training.square_decay; },
       .bounds = {.low = 0, .high = 0.999999},
       .help = "decay rate of the mean squared gradient in rmsprop and adam"},
      {.section = "training",
       .name = "epsilon",
       .field = [](Settings& s) -> double& { return s.point.training.epsilon; },
       .bounds = positive,
       .help = "added to the root mean squared gradient in rmsprop and adam"},
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
       .choices = {"linear", "log", "listed"},
       .help = "of the snapshots: equal steps, steps in equal ratios, or training.snapshot_steps"},
      {.section = "training",
       .name = "snapshot_steps",
       .field = [](Settings& s) -> std::vector<int>& { return s.point.training.snapshot_steps; },
       .unit = "steps",
       .bounds = {.low = 1, .high = 2147483647},
       .help = "listed: ascending steps of the snapshots, besides the first at 0 and the last at the end, after "
               "which none is taken",
       .may_be_none = true,
       .may_be_axis = false},
      {.section = "training",
       .name = "snapshot_layers",
       .field = [](Settings& s) -> std::vector<int>& { return s.point.training.snapshot_layers; },
       .bounds = {.low = 0, .high = 64},
       .help = "layers, counted from 1, whose weights and biases of all replicas go to the result at every snapshot; 0 "
               "= all",
       .may_be_none = true,
       .may_be_axis = false},
  };
}

std::vector<Option> closure_options() {
  return {
      {.section = "closure",
       .name = "names",
       .field = [](Settings& s) -> std::vector<std::string>& { return s.point.closure.names; },
       .choices = {"joint", "fixed", "mean_trajectory", "annealed", "quenched", "conditional", "self_consistent"},
       .help = "the closures to solve and compare (equations section 3); none: train only",
       .may_be_axis = false},
      {.section = "closure",
       .name = "nodes",
       .field = [](Settings& s) -> int& { return s.point.closure.nodes; },
       .unit = "nodes per axis",
       .bounds = {.low = 5, .high = 100000, .or_zero = true},
       .help = "of the tables of drift and diffusion; 0 = 257, 65, 21, 11 for one to four tracked weights with a "
               "regression; where the network itself is evaluated 65, 33, 17, 13 (fixed, joint) or 65, 25, 13, 9"},
      {.section = "closure",
       .name = "regression",
       .field = [](Settings& s) -> std::string& { return s.point.closure.regression; },
       .choices = {"automatic", "local_linear", "polynomial"},
       .help = "conditional: how drift and diffusion are regressed on the tracked weights; automatic: local_linear for "
               "one or two of them, polynomial for more"},
      {.section = "closure",
       .name = "neighbours",
       .field = [](Settings& s) -> int& { return s.point.closure.neighbours; },
       .unit = "replicas",
       .bounds = {.low = 5, .high = 1e9, .or_zero = true},
       .help = "conditional, local_linear: replicas in the regression's kernel; 0 = by cross-validation"},
      {.section = "closure",
       .name = "degree",
       .field = [](Settings& s) -> int& { return s.point.closure.degree; },
       .bounds = {.low = 0, .high = 6},
       .help = "conditional, polynomial: of drift and diffusion; 0 = by cross-validation, as high as a tenth of the "
               "replicas has terms"},
      {.section = "closure",
       .name = "averaged_replicas",
       .field = [](Settings& s) -> int& { return s.point.closure.averaged_replicas; },
       .unit = "replicas",
       .bounds = {.low = 1, .high = 1e9, .or_zero = true},
       .help = "annealed: replicas in the average; 0 = 2000, 2000, 200, 50 for one to four tracked weights"},
      {.section = "closure",
       .name = "quenched_paths",
       .field = [](Settings& s) -> int& { return s.point.closure.quenched_paths; },
       .unit = "replicas",
       .bounds = {.low = 2, .high = 1e6, .or_zero = true},
       .help = "quenched: replicas whose paths get a density each; 0 = 64, 16, 8, 4 for 1, 2, 3, 4 tracked weights"},
      {.section = "closure",
       .name = "layer_samples",
       .field = [](Settings& s) -> int& { return s.point.closure.layer_samples; },
       .unit = "samples",
       .bounds = {.low = 16, .high = 1e6},
       .help = "self_consistent: samples of the other layers' densities in an average; rounded up to an even number"},
      {.section = "closure",
       .name = "drift_correction",
       .field = [](Settings& s) -> std::string& { return s.point.closure.drift_correction; },
       .choices = {"none", "modified_loss"},
       .help = "modified_loss: the drift with its own first correction in the learning rate (2.4); what injected noise "
               "adds at that order (eta T) is left out"},
  };
}

std::vector<Option> comparison_options() {
  return {
      {.section = "comparison",
       .name = "test_inputs",
       .field = [](Settings& s) -> int& { return s.point.comparison.test_inputs; },
       .unit = "samples",
       .bounds = {.low = 1, .high = 1e6},
       .help = "samples of the data at which outputs are compared; of those held out where data.test_fraction > 0"},
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
      {.section = "comparison",
       .name = "bootstrap",
       .field = [](Settings& s) -> int& { return s.point.comparison.bootstrap; },
       .bounds = {.low = 2, .high = 10000},
       .help =
           "bootstrap samples of the replicas behind the 95 % interval of every distance and the bands of conditional"},
      {.section = "comparison",
       .name = "permutations",
       .field = [](Settings& s) -> int& { return s.point.comparison.permutations; },
       .bounds = {.low = 19, .high = 100000},
       .help = "random permutations behind the p-value of theory and experiment being the same"},
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
       .name = "checkpoint_seconds",
       .field = [](Settings& s) -> double& { return s.checkpoint_seconds; },
       .unit = "s",
       .bounds = not_negative,
       .help = "time after which a training or a solve is saved, so that a killed run goes on from there; 0 = only "
               "where it is asked to stop",
       .defines_point = false,
       .may_be_axis = false,
       .scope = Scope::both},
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
    for (auto* part :
         {data_options, network_options, initial_options, training_options, closure_options, fokker_planck_options,
          comparison_options, derive_options, run_options, plan_options, problem_options})
      for (Option& each : part()) all.push_back(std::move(each));
    return all;
  }();
  return table;
}

}  // namespace driftwood::sweep
