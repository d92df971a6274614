#include "data_options.hpp"

namespace driftwood::sweep {

namespace {

constexpr Bounds positive{.low = 0, .low_is_excluded = true};
constexpr Bounds not_negative{.low = 0};

}  // namespace

std::vector<Option> data_options() {
  return {
      {.section = "data",
       .name = "source",
       .field = [](Settings& s) -> std::string& { return s.point.data.source; },
       .choices = {"file", "gaussian", "mixture", "ring", "two_moons", "swiss_roll", "ising"},
       .help = "file, or samples made by formula (share/doc/data.md)",
       .may_be_axis = false},
      {.section = "data",
       .name = "file",
       .field = [](Settings& s) -> std::string& { return s.point.data.file; },
       .help =
           "CSV file with a row of column names, HDF5 file (.h5, .hdf5) or IDX file (.idx, -ubyte), by its name; a "
           "relative path starts at the config file's directory (on the command line and in the environment: at the "
           "current one)",
       .defines_point = false,
       .may_be_axis = false,
       .is_path = true},
      {.section = "data",
       .name = "hash",
       .field = [](Settings& s) -> std::string& { return s.data_hash; },
       .help = "hash of the data file's content, 16 hexadecimal digits; if given, another content is an error",
       .may_be_axis = false},
      {.section = "data",
       .name = "dataset",
       .field = [](Settings& s) -> std::string& { return s.point.data.dataset; },
       .help = "the dataset of an HDF5 file: its first dimension counts samples",
       .may_be_axis = false},
      {.section = "data",
       .name = "label_column",
       .field = [](Settings& s) -> std::string& { return s.point.data.label_column; },
       .choices = {"last", "none"},
       .help = "the column of a CSV file that is no input of the network"},
      {.section = "data",
       .name = "samples",
       .field = [](Settings& s) -> int& { return s.point.data.samples; },
       .unit = "samples",
       .bounds = {.low = 1, .high = 1e7},
       .help = "generated data: their number"},
      {.section = "data",
       .name = "features",
       .field = [](Settings& s) -> int& { return s.point.data.features; },
       .unit = "features",
       .bounds = {.low = 1, .high = 4096},
       .help = "gaussian, mixture, ising: their number; for ising the square of an even number",
       .may_be_axis = false},
      {.section = "data",
       .name = "spectrum_decay",
       .field = [](Settings& s) -> double& { return s.point.data.spectrum_decay; },
       .help = "gaussian: feature k has the variance k^-spectrum_decay"},
      {.section = "data",
       .name = "clusters",
       .field = [](Settings& s) -> int& { return s.point.data.clusters; },
       .bounds = {.low = 1, .high = 1e6},
       .help = "mixture: equally likely clusters"},
      {.section = "data",
       .name = "separation",
       .field = [](Settings& s) -> double& { return s.point.data.separation; },
       .bounds = not_negative,
       .help = "mixture: standard deviation of the clusters' centres"},
      {.section = "data",
       .name = "noise",
       .field = [](Settings& s) -> double& { return s.point.data.noise; },
       .bounds = not_negative,
       .help = "mixture, ring, two_moons, swiss_roll: standard deviation of the noise on every feature"},
      {.section = "data",
       .name = "ising_temperature",
       .field = [](Settings& s) -> double& { return s.point.data.ising_temperature; },
       .bounds = positive,
       .help = "ising: temperature in units of the coupling; critical at 2.269"},
      {.section = "data",
       .name = "seed",
       .field = [](Settings& s) -> std::uint32_t& { return s.point.data.seed; },
       .bounds = {.low = 0, .high = 4294967295.0},
       .help = "of generated data and of data.test_fraction's choice; run.seed is that of the training"},
      {.section = "data",
       .name = "test_fraction",
       .field = [](Settings& s) -> double& { return s.point.data.test_fraction; },
       .bounds = {.low = 0, .high = 0.9},
       .help =
           "part of the samples, chosen at random, that no training sees: test losses and the comparison of outputs "
           "are over them; 0 = none, outputs are compared at training samples"},
      {.section = "data",
       .name = "standardise",
       .field = [](Settings& s) -> bool& { return s.point.data.standardise; },
       .help = "shift and scale every feature to mean 0 and standard deviation 1"},
      {.section = "data",
       .name = "whiten",
       .field = [](Settings& s) -> bool& { return s.point.data.whiten; },
       .help = "turn and scale the features to covariance 1, after data.standardise"},
  };
}

}  // namespace driftwood::sweep
