#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace driftwood::sweep {

/// Everything that defines one sweep point: what two runs must share to give the same numbers. Names are the option
/// keys `section.name`; share/doc/options.md lists them with units and allowed values.
struct PointConfig {
  struct Data {
    std::string source = "file";  ///< file | gaussian | mixture | ring | two_moons | swiss_roll | ising
    std::string file;
    std::string dataset = "data";       ///< of an HDF5 file
    std::string label_column = "last";  ///< last | none; of a CSV file
    int samples = 1000;                 ///< generated: their number
    int features = 4;                   ///< gaussian, mixture, ising
    double spectrum_decay = 1.0;        ///< gaussian: variance k^-decay of feature k
    int clusters = 3;                   ///< mixture
    double separation = 2.0;            ///< mixture: standard deviation of the centres
    double noise = 0.1;                 ///< mixture, ring, two_moons, swiss_roll
    double ising_temperature = 2.269;
    std::uint32_t seed = 1;      ///< of generated data and of the split
    double test_fraction = 0.0;  ///< part of the samples that is held out
    bool standardise = true;
    bool whiten = false;
  } data;

  struct Network {
    std::vector<int> widths;          ///< 4-1-1-4
    std::string activation = "tanh";  ///< tanh | linear | relu | gelu | sigmoid
    bool biases = false;
    bool tied_decoder = false;
    int tracked_layer = 0;        ///< 1..L; 0 = the matrix between the bottlenecks
    std::string tracked_weights;  ///< "W2[1,1], W3[2,1]"; empty: those of tracked_layer
  } network;

  /// Initial weights: independent normal draws per entry, or orthogonal matrices. Biases start at 0.
  struct Initial {
    std::string scaling = "absolute";  ///< absolute | xavier | he | orthogonal | constant
    double mean = 0.5;
    double std = 0.1;
    double tracked_mean = 0.5;
    double tracked_std = 0.1;
    std::string others = "independent";  ///< independent: each replica draws its own v | shared: one draw for all
    std::string file;                    ///< HDF5 file with initial parameters; empty: drawn
    std::string dataset = "parameters";  ///< of that file
    std::vector<int> shared_layers;      ///< layers that start the same in all replicas
  } initial;

  struct Training {
    std::string trained = "all";       ///< all | tracked
    std::vector<int> frozen_layers;    ///< layers that are not trained
    std::string precision = "double";  ///< double | single
    int replicas = 1000;
    double learning_rate = 0.02;
    int batch_size = 8;
    std::string sampling = "replacement";  ///< replacement | epochs | full_batch
    std::string minibatches = "own";       ///< own: each replica draws its own | shared: one sequence for all
    double time = 10.0;                    ///< t = sum of learning rates / (1 - momentum), rounded to whole steps
    std::string schedule = "constant";     ///< constant | step | cosine | inverse_time
    double schedule_steps = 1000;
    double schedule_factor = 0.1;
    std::string optimiser = "sgd";  ///< sgd | momentum | rmsprop | adam
    double momentum = 0.9;          ///< beta of momentum and adam
    double square_decay = 0.99;     ///< alpha of rmsprop and adam
    double epsilon = 1e-8;          ///< of rmsprop and adam
    double temperature = 0.0;
    double weight_decay = 0.0;
    int snapshots = 41;                       ///< number of snapshots, the first at t = 0, the last at the end
    std::string snapshot_spacing = "linear";  ///< linear | log | listed
    std::vector<int> snapshot_steps;          ///< listed: steps besides 0 and the last
    std::vector<int> snapshot_layers;         ///< whose parameters the result has; 0: all
  } training;

  struct Closure {
    std::vector<std::string> names = {"fixed", "mean_trajectory", "annealed",
                                      "conditional"};  ///< empty or "none": train only
    int nodes = 0;                                     ///< table nodes per axis; 0 = by dimension
    std::string regression = "automatic";              ///< conditional: automatic | local_linear | polynomial
    int neighbours = 100;                              ///< conditional: replicas in the regression kernel
    int degree = 0;                                    ///< conditional: of the polynomial; 0 = cross-validation
    int averaged_replicas = 0;                         ///< annealed: replicas in the average; 0 = by dimension
    int quenched_paths = 0;                            ///< quenched: replicas with a density each; 0 = by dimension
    int layer_samples = 512;                           ///< self_consistent: samples of the other layers in an average
    std::string drift_correction = "none";             ///< none | modified_loss
  } closure;

  struct FokkerPlanck {
    std::vector<int> cells{0};       ///< of all axes, or of each; 0 = by dimension
    std::string frame = "diagonal";  ///< fixed | shifted | diagonal | full
    double z_max = 7.0;              ///< half width of the box in units of the frame's scale
    double stretching = 0;
    double support_tail = 1e-10;
    std::string flux = "automatic";         ///< automatic | chang_cooper | limited | fourth_order
    std::string time_scheme = "automatic";  ///< or one of fp_solver::TimeScheme
    double tolerance = 1e-3;                ///< a step's error of the embedded first-order solution, L1
    double max_step = 0.0;                  ///< 0 = none but the snapshots' spacing
    double max_wall_mass = 1e-7;
    std::string when_wall_is_reached = "widen";  ///< widen | fail
  } fokker_planck;

  struct Comparison {
    int test_inputs = 16;
    int splits = 16;
    int projections = 8;
    int bootstrap = 100;
    int permutations = 99;
  } comparison;

  std::uint32_t seed = 1;
  int repeat = 0;  ///< a further independent ensemble of the same point

  /// The random streams' second key word (ensemble_key in identity.hpp).
  std::uint32_t point_key = 0;
};

/// One point of the sweep: its config, its identity, and its coordinates along the sweep's axes.
struct SweepPoint {
  int index = 0;   ///< position in the sweep, first axis slowest
  std::string id;  ///< 16 hex digits: hash of everything that defines the point
  PointConfig config;
  std::vector<std::pair<std::string, std::string>> coordinates;  ///< (key, value) of the swept keys, in axis order
  std::vector<std::pair<std::string, std::string>> canonical;    ///< every defining key and its canonical value
};

}  // namespace driftwood::sweep
