// Writes run directories that look like real ones, by the same code as real ones, for the test of the plots: normal
// densities that move and narrow, closures that are right, wrong in the mean, too narrow, or failed.
// usage: synthetic_runs DIR     (makes DIR/line, DIR/plane, DIR/space, DIR/trained)
#include <cmath>
#include <cstdio>
#include <limits>
#include <numbers>
#include <random>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/closures.hpp"
#include "driftwood/fp/conditional.hpp"
#include "driftwood/store/derive_file.hpp"
#include "driftwood/store/store.hpp"

namespace {

using namespace driftwood;

constexpr int n_snapshots = 21;
constexpr double end_time = 10;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double time_of(int snapshot) {
  return end_time * snapshot / (n_snapshots - 1);
}

/// A normal density of each tracked weight, independent.
struct Law {
  double mean = 0;
  double std = 0;
};

/// What the replicas do: the bulk moves from 0.5 to 1.3 and narrows.
Law truth(int snapshot, int axis) {
  const double t = time_of(snapshot);
  return {1.3 - 0.8 * std::exp(-t) + 0.2 * axis, 0.035 + 0.065 * std::exp(-t)};
}

Law theory(const std::string& closure, int snapshot, int axis) {
  Law law = truth(snapshot, axis);
  const double t = time_of(snapshot);
  if (closure == "fixed") law.mean += 0.03 * t;
  if (closure == "mean_trajectory") law.std = 0.012 + (law.std - 0.012) * std::exp(-0.5 * t);
  if (closure == "annealed") law.std = 0.015 + (law.std - 0.015) * std::exp(-0.4 * t);
  return law;
}

/// What a weight owes to those before it, in rows of length 1: of three weights, whose frame is sheared.
Eigen::MatrixXd mixing(int d) {
  Eigen::MatrixXd rows = Eigen::MatrixXd::Identity(d, d);
  if (d == 3) {
    rows.row(1) << 0.6, 0.8, 0;
    rows.row(2) << -0.36, 0.48, 0.8;
  }
  return rows;
}

fp::Density density_of(const std::string& closure, int snapshot, int d) {
  fp::Density density;
  density.time = time_of(snapshot);
  density.grid.cells.assign(d, d == 1 ? 128 : d == 2 ? 48 : 16);
  density.grid.z_max = 6;
  density.grid.stretching = d == 2 ? 1.5 : 0;
  density.frame.centre = Eigen::VectorXd(d);
  density.frame.scale = mixing(d);
  long n_cells = 1;
  double peak = 1;
  for (int k = 0; k < d; ++k) {
    const Law law = theory(closure, snapshot, k);
    density.frame.centre(k) = law.mean;
    density.frame.scale.row(k) *= law.std;
    n_cells *= density.grid.cells[k];
    peak /= density.frame.scale(k, k) * std::sqrt(2 * std::numbers::pi);
  }
  for (long cell = 0; cell < n_cells; ++cell) {
    double exponent = 0;
    long rest = cell;
    for (int k = d - 1; k >= 0; --k) {
      const double z = density.grid.z_centre(k, static_cast<int>(rest % density.grid.cells[k]));
      exponent += z * z / 2;
      rest /= density.grid.cells[k];
    }
    density.p.push_back(peak * std::exp(-exponent));
  }
  return density;
}

/// The drift that pulls to the mean, with a band that grows outwards, carried up to three standard deviations.
results::ConditionalSnapshot regression_of(int snapshot, int d) {
  std::vector<double> centre, low, high;
  for (int k = 0; k < d; ++k) {
    const Law law = truth(snapshot, k);
    centre.push_back(law.mean);
    low.push_back(law.mean - 4 * law.std);
    high.push_back(law.mean + 4 * law.std);
  }
  fp::ConditionalNodes nodes = fp::empty_fit(fp::empty_table(low, high, 33), centre, 33).nodes;
  for (std::size_t i = 0; i < nodes.replicas.size(); ++i) {
    double square = 0;
    for (int k = 0; k < d; ++k) {
      const double z = (nodes.w[i * d + k] - centre[k]) / truth(snapshot, k).std;
      nodes.drift[i * d + k] = -z;
      nodes.drift_band[i * d + k] = 0.05 * (1 + z * z);
      square += z * z;
    }
    nodes.is_carried[i] = square < 9 ? 1 : 0;
    for (int k = 0; k < d; ++k) nodes.diffusion[i * packed_size(d) + packed_index(d, k, k)] = 0.001;
  }
  return {std::move(nodes), 0, 1, 1, std::vector<double>(d, 0.8), 0.003};
}

results::ClosureRecord closure_of(const std::string& name, int d, bool fails) {
  results::ClosureRecord closure;
  closure.name = name;
  closure.status = fails ? "not converged" : "ok";
  closure.message = fails ? "step 170: the linear solver gave up" : "";
  if (name == "conditional")
    for (int s = 0; s < n_snapshots; ++s) closure.conditional.push_back(regression_of(s, d));
  for (int s = 0; s < (fails ? n_snapshots / 2 : n_snapshots); ++s) {
    closure.densities.push_back(density_of(name, s, d));
    analysis::OutputComparison outputs;
    outputs.wasserstein1.assign(4, {0.01, 0.01});
    outputs.kolmogorov_smirnov.assign(4, {0.02, 0.02});
    closure.weights.emplace_back();
    double ratio = 0;
    for (int k = 0; k < d; ++k) {
      const Law law = theory(name, s, k);
      const Law exact = truth(s, k);
      const double floor = 0.01 * exact.std;
      const double distance = floor * (1 + 0.3 * std::sin(7.0 * s + k)) + std::abs(law.mean - exact.mean) +
                              0.8 * std::abs(law.std - exact.std);
      analysis::CoordinateComparison comparison;
      comparison.wasserstein1 = {distance, floor};
      comparison.kolmogorov_smirnov = {10 * distance, 10 * floor};
      comparison.theory = {law.mean, law.std, 0, 3};
      closure.weights.back().coordinates.push_back(comparison);
      closure.anomalous_dimension.push_back(-0.1);
      ratio = distance / floor;
    }
    outputs.joint.sliced_wasserstein1 = {0.01 * ratio, 0.01};
    closure.outputs.push_back(outputs);
  }
  return closure;
}

/// Replicas: normal, every 400th in a second basin far away; replica 3 diverges half way if asked to.
results::EnsembleRecord ensemble_of(int d, long n_replicas, bool diverges) {
  results::EnsembleRecord ensemble;
  ensemble.n_replicas = n_replicas;
  for (int k = 0; k < d; ++k) ensemble.tracked_names.push_back("W2[1," + std::to_string(k + 1) + "]");
  std::mt19937 generator(7);
  std::normal_distribution<double> normal;
  std::vector<double> z(n_replicas * d);
  for (double& value : z) value = normal(generator);
  for (int s = 0; s < n_snapshots; ++s) {
    ensemble.steps.push_back(25 * s);
    ensemble.times.push_back(time_of(s));
  }
  const auto is_lost = [=](long r, int s) { return diverges && r == 3 && s > n_snapshots / 2; };
  ensemble.loss = [=](std::size_t snapshot) {
    const int s = static_cast<int>(snapshot);
    std::vector<double> loss;
    for (long r = 0; r < n_replicas; ++r)
      loss.push_back(is_lost(r, s) ? nan : 0.6 + 0.9 * std::exp(-time_of(s)) + 0.02 * std::abs(z[r * d]));
    return loss;
  };
  ensemble.w = [=](std::size_t snapshot) {
    const int s = static_cast<int>(snapshot);
    std::vector<double> w;
    for (long r = 0; r < n_replicas; ++r)
      for (int k = 0; k < d; ++k) {
        const Law law = truth(s, k);
        const double basin = r % 400 == 399 ? -0.05 * time_of(s) : 0.0;
        w.push_back(is_lost(r, s) ? nan : law.mean + basin + law.std * z[r * d + k]);
      }
    return w;
  };
  ensemble.drift = [=](std::size_t) {
    std::vector<double> drift;
    for (const double value : z) drift.push_back(-value + 0.3 * std::sin(1000 * value));
    return drift;
  };
  ensemble.diffusion = [=](std::size_t) { return std::vector<double>(n_replicas * packed_size(d), 0.001); };
  if (diverges) {
    ensemble.diverged_replica = {3};
    ensemble.diverged_step = {260};
  }
  return ensemble;
}

struct PointRecipe {
  std::string id;
  std::string learning_rate;
  int d = 1;
  long n_replicas = 4000;
  std::vector<std::string> closures;
  std::string failing;  ///< this closure's solve fails half way, and replica 3 diverges
};

results::PointRecord point_of(const PointRecipe& recipe, int index) {
  results::PointRecord record;
  record.point.id = recipe.id;
  record.point.index = index;
  record.point.coordinates = {{"training.learning_rate", recipe.learning_rate}, {"training.batch_size", "8"}};
  record.point.canonical = {{"network.widths", recipe.d == 1 ? "4-1-1-4" : "4-2-1-4"},
                            {"training.learning_rate", recipe.learning_rate}};
  record.status = recipe.failing.empty() ? "done" : "failed";
  record.ensemble = ensemble_of(recipe.d, recipe.n_replicas, !recipe.failing.empty());
  for (const std::string& name : recipe.closures)
    record.closures.push_back(closure_of(name, recipe.d, name == recipe.failing));
  return record;
}

/// A run directory with these points; those with an empty list of replicas are planned but have no file.
void write_run(const std::string& path, const std::vector<PointRecipe>& recipes) {
  const store::RunDirectory run{path};
  std::vector<sweep::SweepPoint> points;
  for (const PointRecipe& recipe : recipes) {
    const results::PointRecord record = point_of(recipe, static_cast<int>(points.size()));
    points.push_back(record.point);
    if (recipe.n_replicas > 0) store::write_point(run, record);
  }
  store::collect(run, points);
}

/// What was derived of a point: couplings that go to their fixed points, and terms of a height.
results::DeriveRecord derived_of(const std::string& id, const std::vector<std::string>& closures) {
  results::DeriveRecord record;
  record.id = id;
  record.tracked_names = {"W2[1,1]"};
  for (int s = 0; s < n_snapshots; ++s) record.times.push_back(time_of(s));
  record.operators = {"u", "u^2", "u^3", "u^4"};
  record.truncations = {1, 2, 3, 4};
  record.sources = {"ensemble"};
  record.sources.insert(record.sources.end(), closures.begin(), closures.end());
  record.status.assign(record.sources.size(), "ok");
  record.field_centre.assign(n_snapshots, 0.5);
  record.field_scale.assign(n_snapshots, 0.1);
  record.n_profile_cells = 60;
  record.configuration = {{"network.widths", "4-1-1-4"}, {"sweep_coordinates", "training.learning_rate = 0.02"}};
  for (const results::DerivedQuantity& quantity : results::derived_quantities()) {
    std::vector<double> values;
    for (std::size_t source = 0; source < record.sources.size(); ++source)
      for (int s = 0; s < n_snapshots; ++s)
        for (std::size_t i = 0; i < record.row_size(quantity); ++i) {
          const bool is_known = source == 0 || quantity.name.find("error") == std::string::npos;
          const double falling = std::exp(-time_of(s) - 0.2 * static_cast<double>(i));
          const double place = static_cast<double>(i) / 30 - 1;
          const double value = quantity.name == "profile_w" ? place
                               : quantity.name == "height"  ? -8 * place * place
                                                            : 0.1 + 0.05 * static_cast<double>(source) + falling;
          values.push_back(is_known ? value : nan);
        }
    record.values.push_back(std::move(values));
  }
  return record;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: synthetic_runs DIR\n");
    return 2;
  }
  const std::string directory = argv[1];
  const std::vector<std::string> ladder{"fixed", "mean_trajectory", "annealed", "conditional"};
  write_run(directory + "/line", {{"0c", "0.02", 1, 4000, ladder, ""},
                                  {"0b", "0.04", 1, 1000, ladder, "annealed"},
                                  {"0a", "0.08", 1, 0, ladder, ""}});
  store::write_derive(store::RunDirectory{directory + "/line"}, derived_of("0c", ladder));
  write_run(directory + "/plane", {{"1a", "0.02", 2, 2000, {"mean_trajectory", "annealed", "conditional"}, ""}});
  write_run(directory + "/space", {{"3a", "0.02", 3, 1000, {"fixed", "conditional"}, ""}});
  write_run(directory + "/trained", {{"2a", "0.02", 4, 100, {}, ""}});
  return 0;
}
