#include <algorithm>
#include <limits>

#include "driftwood/core/error.hpp"
#include "driftwood/store/point_content.hpp"

namespace driftwood::store {

namespace {

using analysis::CoordinateComparison;
using analysis::Measured;
using analysis::OutputComparison;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// get(comparison) of every coordinate, closure x snapshot x w; NaN where nothing was compared.
template <class Get>
std::vector<double> of_weights(const results::PointRecord& record, std::size_t n_snapshots, std::size_t d,
                               const Get& get) {
  std::vector<double> values;
  for (const results::ClosureRecord& closure : record.closures)
    for (std::size_t s = 0; s < n_snapshots; ++s)
      for (std::size_t k = 0; k < d; ++k) {
        const bool compared = s < closure.weights.size() && k < closure.weights[s].coordinates.size();
        values.push_back(compared ? get(closure.weights[s].coordinates[k]) : nan);
      }
  return values;
}

/// The same of the outputs, closure x snapshot x output.
std::vector<double> of_outputs(const results::PointRecord& record, std::size_t n_snapshots, std::size_t n_outputs,
                               std::vector<Measured> OutputComparison::*distances, double Measured::*part) {
  std::vector<double> values;
  for (const results::ClosureRecord& closure : record.closures)
    for (std::size_t s = 0; s < n_snapshots; ++s)
      for (std::size_t j = 0; j < n_outputs; ++j) {
        const bool compared = s < closure.outputs.size() && j < (closure.outputs[s].*distances).size();
        values.push_back(compared ? (closure.outputs[s].*distances)[j].*part : nan);
      }
  return values;
}

/// A number of the weights' (or the outputs') joint comparison, closure x snapshot.
template <class Comparison, class Get>
std::vector<double> of_joint(const results::PointRecord& record, std::size_t n_snapshots,
                             std::vector<Comparison> results::ClosureRecord::*compared, const Get& get) {
  std::vector<double> values;
  for (const results::ClosureRecord& closure : record.closures)
    for (std::size_t s = 0; s < n_snapshots; ++s)
      values.push_back(s < (closure.*compared).size() ? get((closure.*compared)[s].joint) : nan);
  return values;
}

/// Adds a distance and its twin, the sampling floor. `make(part)` gives the values of one of the two.
template <class Make>
void add_measured(NetcdfContent& content, const std::string& name, const std::string& meaning,
                  const std::vector<std::string>& dimensions, const Make& make) {
  content.add(variable({name, "1", meaning}, dimensions, make(&Measured::distance)));
  content.add(variable({name + "_floor", "1", "sampling floor of: " + meaning}, dimensions, make(&Measured::floor)));
}

/// The ends of a distance's 95 % interval. `make(end)` gives the values of one of the two.
template <class Make>
void add_interval(NetcdfContent& content, const std::string& name, const std::string& meaning,
                  const std::vector<std::string>& dimensions, const Make& make) {
  content.add(variable({name + "_low", "1", "lower end of the 95 % bootstrap interval of: " + meaning}, dimensions,
                       make(&analysis::Interval::low)));
  content.add(variable({name + "_high", "1", "upper end of the 95 % bootstrap interval of: " + meaning}, dimensions,
                       make(&analysis::Interval::high)));
}

void add_theory_moments(NetcdfContent& content, const results::PointRecord& record) {
  const auto add = [&](const char* name, const char* meaning, double stats::Moments::*moment) {
    content.add(
        variable({std::string("theory_") + name, "1", std::string(meaning) + " of the theory's marginal density"},
                 {"closure", "snapshot", "w"},
                 of_weights(record, content.length("snapshot"), content.length("w"),
                            [moment](const CoordinateComparison& c) { return c.theory.*moment; })));
  };
  add("mean", "mean", &stats::Moments::mean);
  add("std", "standard deviation", &stats::Moments::std);
  add("skewness", "skewness", &stats::Moments::skewness);
  add("kurtosis", "kurtosis (3 for a normal density)", &stats::Moments::kurtosis);
}

void add_weight_distances(NetcdfContent& content, const results::PointRecord& record) {
  const auto add = [&](const char* name, const char* meaning, Measured CoordinateComparison::*distance) {
    add_measured(content, std::string("weights_") + name, meaning, {"closure", "snapshot", "w"},
                 [&](double Measured::*part) {
                   return of_weights(record, content.length("snapshot"), content.length("w"),
                                     [&](const CoordinateComparison& c) { return c.*distance.*part; });
                 });
  };
  const char* const wasserstein1 = "Wasserstein-1 distance of the weights, theory to experiment";
  add("wasserstein1", wasserstein1, &CoordinateComparison::wasserstein1);
  add_interval(content, "weights_wasserstein1", wasserstein1, {"closure", "snapshot", "w"},
               [&](double analysis::Interval::*end) {
                 return of_weights(record, content.length("snapshot"), content.length("w"),
                                   [end](const CoordinateComparison& c) { return c.wasserstein1_interval.*end; });
               });
  add("energy_distance", "energy distance of the weights, theory to experiment", &CoordinateComparison::energy);
  add("kullback_leibler", "Kullback-Leibler divergence of the weights' histogram from the theory, in nats",
      &CoordinateComparison::kullback_leibler);
  add("kolmogorov_smirnov", "Kolmogorov-Smirnov distance of the weights, theory to experiment",
      &CoordinateComparison::kolmogorov_smirnov);
  add("mean_error", "difference of the weights' means, theory to experiment", &CoordinateComparison::mean);
  add("std_error", "difference of the weights' standard deviations, theory to experiment", &CoordinateComparison::std);
}

void add_output_distances(NetcdfContent& content, const results::PointRecord& record, std::size_t n_outputs) {
  content.dimensions.push_back({"output", n_outputs});
  const std::size_t n_snapshots = content.length("snapshot");
  const auto add = [&](const char* name, const char* meaning, std::vector<Measured> OutputComparison::*distances) {
    add_measured(content, std::string("outputs_") + name, meaning, {"closure", "snapshot", "output"},
                 [&](double Measured::*part) { return of_outputs(record, n_snapshots, n_outputs, distances, part); });
  };
  add("wasserstein1", "Wasserstein-1 distance of the network's outputs, theory to experiment, mean over test inputs",
      &OutputComparison::wasserstein1);
  add("kolmogorov_smirnov",
      "Kolmogorov-Smirnov distance of the network's outputs, theory to experiment, mean over test inputs",
      &OutputComparison::kolmogorov_smirnov);
  add("energy_distance", "energy distance of the network's outputs, theory to experiment, mean over test inputs",
      &OutputComparison::energy);
}

/// The joint comparison of the weights or the outputs: `subject` names them in words.
template <class Comparison>
void add_joint(NetcdfContent& content, const results::PointRecord& record, const std::string& prefix,
               const std::string& subject, std::vector<Comparison> results::ClosureRecord::*compared) {
  const std::size_t n_snapshots = content.length("snapshot");
  const std::vector<std::string> dimensions{"closure", "snapshot"};
  const auto numbers = [&](auto&& get) { return of_joint(record, n_snapshots, compared, get); };
  const std::string sliced =
      "Wasserstein-1 distance of " + subject + " projected on random directions, theory to experiment";
  add_measured(content, prefix + "_sliced_wasserstein1", sliced, dimensions, [&](double Measured::*part) {
    return numbers([part](const analysis::JointComparison& c) { return c.sliced_wasserstein1.*part; });
  });
  add_interval(content, prefix + "_sliced_wasserstein1", sliced, dimensions, [&](double analysis::Interval::*end) {
    return numbers([end](const analysis::JointComparison& c) { return c.sliced_interval.*end; });
  });
  content.add(
      variable({prefix + "_p_value", "1",
                "of the permutation test that " + subject + " of theory and experiment come from one distribution"},
               dimensions, numbers([](const analysis::JointComparison& c) { return c.p_value; })));
  std::vector<std::string> verdicts;
  for (const results::ClosureRecord& closure : record.closures)
    for (std::size_t s = 0; s < n_snapshots; ++s)
      verdicts.push_back(s < (closure.*compared).size() ? analysis::name((closure.*compared)[s].joint.verdict) : "");
  content.add(variable({prefix + "_verdict", "1",
                        "indistinguishable: p >= 0.05; far: not, and half of the ensemble's width away or more; "
                        "distinguishable: neither; empty: no density"},
                       dimensions, verdicts));
}

}  // namespace

void add_comparisons(NetcdfContent& content, const results::PointRecord& record) {
  std::size_t n_outputs = 0;
  for (const results::ClosureRecord& closure : record.closures) {
    if (closure.weights.size() > content.length("snapshot") || closure.outputs.size() > content.length("snapshot"))
      throw InternalError("closure " + closure.name + " was compared at more snapshots than there are");
    for (const OutputComparison& outputs : closure.outputs)
      n_outputs = std::max(n_outputs, outputs.wasserstein1.size());
  }
  add_theory_moments(content, record);
  add_weight_distances(content, record);
  add_joint(content, record, "weights", "the tracked weights", &results::ClosureRecord::weights);
  if (n_outputs == 0) return;
  add_output_distances(content, record, n_outputs);
  add_joint(content, record, "outputs", "the network's outputs", &results::ClosureRecord::outputs);
}

}  // namespace driftwood::store
