#include "initial_options.hpp"

namespace driftwood::sweep {

namespace {

constexpr Bounds not_negative{.low = 0};

}  // namespace

std::vector<Option> initial_options() {
  return {
      {.section = "initial",
       .name = "scaling",
       .field = [](Settings& s) -> std::string& { return s.point.initial.scaling; },
       .choices = {"absolute", "xavier", "he", "orthogonal", "constant"},
       .help =
           "absolute: normal draws with the means and standard deviations below; xavier: mean 0, standard deviation "
           "sqrt(2 / (fan_in + fan_out)) everywhere; he: mean 0, standard deviation sqrt(2 / fan_in) everywhere; "
           "orthogonal: matrices whose rows or columns are orthonormal, uniformly drawn; constant: the means below"},
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
       .choices = {"independent", "shared", "common"},
       .help = "untracked weights: every replica draws its own; one draw for all; one for all and in every point with "
               "this seed, so that a sweep does not change them"},
      {.section = "initial",
       .name = "shared_layers",
       .field = [](Settings& s) -> std::vector<int>& { return s.point.initial.shared_layers; },
       .bounds = {.low = 1, .high = 64},
       .help = "layers, counted from 1, of which all replicas start with one draw",
       .may_be_none = true,
       .may_be_axis = false},
      {.section = "initial",
       .name = "file",
       .field = [](Settings& s) -> std::string& { return s.point.initial.file; },
       .help = "HDF5 file with the initial parameters instead of draws, layer by layer, matrices row-major, then "
               "biases: one row "
               "for all replicas or one each; a relative path starts where data.file's does",
       .defines_point = false,
       .may_be_axis = false,
       .is_path = true},
      {.section = "initial",
       .name = "dataset",
       .field = [](Settings& s) -> std::string& { return s.point.initial.dataset; },
       .help = "the dataset of initial.file: parameters, replicas x parameters, or snapshots x replicas x parameters "
               "as a result "
               "has them (training.snapshot_layers = 0), of which the last snapshot is taken",
       .may_be_axis = false},
      {.section = "initial",
       .name = "hash",
       .field = [](Settings& s) -> std::string& { return s.initial_hash; },
       .help = "hash of the content of initial.file, 16 hexadecimal digits; if given, another content is an error",
       .may_be_axis = false},
  };
}

}  // namespace driftwood::sweep
