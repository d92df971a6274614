#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "driftwood/core/packed.hpp"
#include "driftwood/results/records.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::store {

/// A directory of its own for every test, removed afterwards.
class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    run_.path = testing::TempDir() + "driftwood_store_" + std::to_string(getpid()) + "_" + info->name();
    std::filesystem::create_directories(run_.path);
  }
  ~StoreTest() override { std::filesystem::remove_all(run_.path); }

  /// The names of all files below the run directory.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(run_.path))
      if (entry.is_regular_file()) names.push_back(std::filesystem::relative(entry.path(), run_.path).string());
    return names;
  }

  static std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<long>(bytes.size()));
  }

  RunDirectory run_;
};

/// A made-up point whose every number is a known function of its place.
struct SyntheticOptions {
  std::string id = "00000000000000aa";
  int d = 1;
  int n_snapshots = 3;
  long n_replicas = 5;
  std::vector<std::string> closures = {"fixed", "conditional"};
  int failed_closure = -1;  ///< this one stops after its first snapshot
  std::string learning_rate = "0.02";
  bool diverged = false;
  double shear = 0;  ///< of the second axis of the densities' frames by the first
};

inline double distance_at(int closure, int snapshot, int k) {
  return 0.01 * (closure + 1) + 0.001 * snapshot + 0.1 * k;
}
inline double floor_at(int snapshot) {
  return snapshot == 1 ? 0.001 : 0.01;
}
inline double weight_at(int snapshot, long replica, int k) {
  return snapshot + 0.01 * static_cast<double>(replica) - k;
}

inline fp::Density synthetic_density(int d, int snapshot, double shear = 0) {
  fp::Density density;
  density.time = snapshot;
  density.grid.cells.assign(d, 8);
  density.grid.z_max = snapshot == 2 ? 14.0 : 7.0;
  density.frame.centre = Eigen::VectorXd::Constant(d, 0.5 + snapshot);
  density.frame.scale = Eigen::MatrixXd::Identity(d, d) * 0.25;
  if (d > 1) density.frame.scale(1, 0) = shear;
  const int n_cells = d == 1 ? 8 : 64;
  for (int i = 0; i < n_cells; ++i) density.p.push_back(100 * snapshot + i);
  return density;
}

inline results::ClosureRecord synthetic_closure(const SyntheticOptions& options, int c) {
  results::ClosureRecord closure;
  closure.name = options.closures[c];
  closure.training_data_used = "none";
  closure.exact = c == 0;
  const bool failed = c == options.failed_closure;
  closure.status = failed ? "not converged" : "ok";
  closure.message = failed ? "step 17: the linear solver gave up" : "";
  for (int s = 0; s < (failed ? 1 : options.n_snapshots); ++s) {
    closure.densities.push_back(synthetic_density(options.d, s, options.shear));
    closure.weights.emplace_back();
    for (int k = 0; k < options.d; ++k) {
      closure.anomalous_dimension.push_back(-0.1 * s);
      analysis::CoordinateComparison comparison;
      comparison.wasserstein1 = {distance_at(c, s, k), floor_at(s)};
      comparison.theory = {0.5, 0.1, 0.0, 3.0};
      closure.weights.back().coordinates.push_back(comparison);
    }
    analysis::OutputComparison outputs;
    outputs.wasserstein1.assign(4, {0.2, 0.1});
    outputs.kolmogorov_smirnov.assign(4, {0.3, 0.1});
    outputs.joint.sliced_wasserstein1 = {0.05 * (s + 1), 0.05};
    if (s == 1) outputs.joint.verdict = analysis::Verdict::far;
    closure.outputs.push_back(outputs);
  }
  if (closure.name == "conditional") {
    for (int s = 0; s < options.n_snapshots; ++s) {
      fp::ConditionalNodes nodes(options.d, std::vector<double>(static_cast<std::size_t>(4) * options.d, 0.1 * s));
      nodes.is_carried[2] = 1;
      nodes.drift_band.back() = 0.25 * s;
      closure.conditional.push_back({std::move(nodes), 0, 3, 2, std::vector<double>(options.d, 0.75), 0.02});
    }
  }
  closure.n_steps = 40 + c;
  closure.max_cell_peclet = 1.5;
  closure.seconds = 0.25;
  return closure;
}

inline results::PointRecord synthetic_point(const SyntheticOptions& options = {}) {
  results::PointRecord record;
  record.point.id = options.id;
  record.point.coordinates = {{"training.learning_rate", options.learning_rate}, {"network.activation", "tanh"}};
  record.point.canonical = {{"training.learning_rate", options.learning_rate}, {"network.widths", "4-1-1-4"}};
  record.status = options.failed_closure >= 0 ? "failed" : "done";
  record.provenance.entries = {{"program_version", "0.1.0"}, {"host", "somewhere"}};
  results::EnsembleRecord& ensemble = record.ensemble;
  ensemble.n_replicas = options.n_replicas;
  for (int k = 0; k < options.d; ++k) ensemble.tracked_names.push_back("W2[1," + std::to_string(k + 1) + "]");
  for (int s = 0; s < options.n_snapshots; ++s) {
    ensemble.steps.push_back(10 * s);
    ensemble.times.push_back(0.2 * s);
  }
  ensemble.w = [options](std::size_t s) {
    std::vector<double> w;
    for (long r = 0; r < options.n_replicas; ++r)
      for (int k = 0; k < options.d; ++k) {
        const bool lost = options.diverged && r == 1 && s > 0;
        w.push_back(lost ? std::numeric_limits<double>::quiet_NaN() : weight_at(static_cast<int>(s), r, k));
      }
    return w;
  };
  ensemble.loss = [options](std::size_t s) { return std::vector<double>(options.n_replicas, 1.0 / (s + 1.0)); };
  ensemble.drift = [options](std::size_t s) {
    std::vector<double> drift;
    for (long r = 0; r < options.n_replicas; ++r)
      for (int k = 0; k < options.d; ++k) drift.push_back(-weight_at(static_cast<int>(s), r, k));
    return drift;
  };
  ensemble.diffusion = [options](std::size_t) {
    return std::vector<double>(options.n_replicas * packed_size(options.d), 0.001);
  };
  if (options.diverged) {
    ensemble.diverged_replica = {1};
    ensemble.diverged_step = {10};
  }
  for (int c = 0; c < static_cast<int>(options.closures.size()); ++c)
    record.closures.push_back(synthetic_closure(options, c));
  return record;
}

}  // namespace driftwood::store
