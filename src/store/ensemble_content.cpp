#include <cmath>
#include <limits>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/stats/distances.hpp"
#include "driftwood/store/point_content.hpp"

namespace driftwood::store {

namespace {

/// The record's array as a variable. An array that is absent (a point that failed before) is NaN throughout.
Variable array(const Label& label, std::vector<std::string> dimensions, const results::PerSnapshot& values,
               const NetcdfContent& content) {
  std::size_t expected = 1;
  for (std::size_t k = 1; k < dimensions.size(); ++k) expected *= content.length(dimensions[k]);
  return slab_variable(label, std::move(dimensions), [&values, expected, name = label.name](std::size_t snapshot) {
    if (!values) return std::vector<double>(expected, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> slab = values(snapshot);
    if (slab.size() != expected)
      throw InternalError("the record has " + std::to_string(slab.size()) + " values of '" + name + "' instead of " +
                          std::to_string(expected) + " at every snapshot");
    return slab;
  });
}

std::vector<std::string> pair_names(const std::vector<std::string>& names) {
  std::vector<std::string> pairs;
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = i; j < names.size(); ++j) pairs.push_back(names[i] + " " + names[j]);
  return pairs;
}

void add_coordinates(NetcdfContent& content, const results::EnsembleRecord& ensemble) {
  content.add(as_coordinate(variable({"w", "1", "tracked weight"}, {"w"}, ensemble.tracked_names)));
  content.add(as_coordinate(variable({"ww", "1", "pair of tracked weights (upper triangle, row by row)"}, {"ww"},
                                     pair_names(ensemble.tracked_names))));
  content.add(
      as_coordinate(variable({"time", "1", "training time t (equations section 1)"}, {"snapshot"}, ensemble.times)));
  content.add(as_coordinate(variable({"step", "1", "training steps done"}, {"snapshot"},
                                     std::vector<std::int64_t>(ensemble.steps.begin(), ensemble.steps.end()))));
}

void add_divergences(NetcdfContent& content, const results::EnsembleRecord& ensemble) {
  if (ensemble.diverged_replica.size() != ensemble.diverged_step.size())
    throw InternalError("the record's lists of diverged replicas and of their steps differ in length");
  content.add(variable({"diverged_replica", "1", "number of a replica that diverged (0 is the first)"}, {"divergence"},
                       std::vector<std::int64_t>(ensemble.diverged_replica.begin(), ensemble.diverged_replica.end())));
  content.add(variable({"diverged_step", "1", "step at which the replica was first seen not to be finite"},
                       {"divergence"},
                       std::vector<std::int64_t>(ensemble.diverged_step.begin(), ensemble.diverged_step.end())));
}

/// Moments of the finite replicas, snapshot x w.
std::vector<stats::Moments> moments_of(const results::EnsembleRecord& ensemble) {
  const std::size_t d = ensemble.tracked_names.size();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<stats::Moments> result;
  for (std::size_t s = 0; s < ensemble.steps.size(); ++s) {
    const std::vector<double> w = ensemble.w ? ensemble.w(s) : std::vector<double>{};
    for (std::size_t k = 0; k < d; ++k) {
      std::vector<double> sample;
      for (std::size_t i = k; i < w.size(); i += d)
        if (std::isfinite(w[i])) sample.push_back(w[i]);
      result.push_back(sample.empty() ? stats::Moments{nan, nan, nan, nan} : stats::moments(sample));
    }
  }
  return result;
}

/// Mean over the finite replicas at each snapshot; NaN where there is none.
std::vector<double> means_of(const results::EnsembleRecord& ensemble, const results::PerSnapshot& values) {
  std::vector<double> means;
  for (std::size_t s = 0; s < ensemble.steps.size(); ++s) {
    double sum = 0;
    double count = 0;
    for (double value : values ? values(s) : std::vector<double>{}) {
      if (!std::isfinite(value)) continue;
      sum += value;
      count += 1;
    }
    means.push_back(sum / count);
  }
  return means;
}

}  // namespace

namespace {

void add_parameters(NetcdfContent& content, const results::EnsembleRecord& ensemble) {
  if (ensemble.parameter_names.empty()) return;
  content.dimensions.push_back({"parameter", ensemble.parameter_names.size()});
  content.add(as_coordinate(
      variable({"parameter", "1", "weight W or bias c of a listed layer"}, {"parameter"}, ensemble.parameter_names)));
  content.add(array({"parameters", "1", "parameters of the listed layers; NaN once a replica has diverged"},
                    {"snapshot", "replica", "parameter"}, ensemble.parameters, content));
}

void add_balance(NetcdfContent& content, const results::EnsembleRecord& ensemble) {
  if (ensemble.balance_names.empty()) return;
  content.dimensions.push_back({"invariant", ensemble.balance_names.size()});
  content.add(as_coordinate(variable({"invariant", "1", "entry of W_{l+1}^T W_{l+1} - W_l W_l^T - c_l c_l^T"},
                                     {"invariant"}, ensemble.balance_names)));
  content.add(variable({"balance", "1", "mean over the replicas of a linear network's invariants"},
                       {"snapshot", "invariant"}, ensemble.balance));
  content.add(
      variable({"balance_change", "1", "root mean square over the replicas of the invariants' distance to the start"},
               {"snapshot"}, ensemble.balance_change));
}

/// What explains the closures' errors.
void add_diagnostics(NetcdfContent& content, const results::EnsembleRecord& ensemble) {
  if (!ensemble.layer_correlation.empty()) {
    const std::size_t per_layer = ensemble.steps.size() * ensemble.tracked_names.size();
    content.dimensions.push_back({"layer", ensemble.layer_correlation.size() / per_layer});
    content.add(variable({"layer_correlation", "1",
                          "largest |correlation| over the replicas of a tracked weight with another weight of a layer"},
                         {"snapshot", "w", "layer"}, ensemble.layer_correlation));
  }
  if (!ensemble.learning_rate_term.empty())
    content.add(variable(
        {"learning_rate_term", "1", "size of the drift's first correction in the learning rate, relative to the drift"},
        {"snapshot"}, ensemble.learning_rate_term));
}

}  // namespace

void add_ensemble(NetcdfContent& content, const results::EnsembleRecord& ensemble) {
  const int d = static_cast<int>(ensemble.tracked_names.size());
  content.dimensions.push_back({"snapshot", ensemble.steps.size()});
  content.dimensions.push_back({"replica", static_cast<std::size_t>(ensemble.n_replicas)});
  content.dimensions.push_back({"w", ensemble.tracked_names.size()});
  content.dimensions.push_back({"ww", static_cast<std::size_t>(packed_size(d))});
  content.dimensions.push_back({"divergence", ensemble.diverged_replica.size()});
  add_coordinates(content, ensemble);
  content.add(array({"weights", "1", "tracked weights of the replicas; NaN once a replica has diverged"},
                    {"snapshot", "replica", "w"}, ensemble.w, content));
  content.add(array({"loss", "1", "loss of the replicas over all samples to train on"}, {"snapshot", "replica"},
                    ensemble.loss, content));
  if (ensemble.n_test_samples > 0)
    content.add(array({"test_loss", "1", "loss of the replicas over the samples held out"}, {"snapshot", "replica"},
                      ensemble.test_loss, content));
  content.add(array({"drift", "1", "drift b = -grad L of the tracked weights, per unit of training time"},
                    {"snapshot", "replica", "w"}, ensemble.drift, content));
  content.add(array({"diffusion", "1", "diffusion tensor D of the tracked weights, per unit of training time"},
                    {"snapshot", "replica", "ww"}, ensemble.diffusion, content));
  add_divergences(content, ensemble);
  add_parameters(content, ensemble);
  add_balance(content, ensemble);
  add_diagnostics(content, ensemble);
}

void add_ensemble_moments(NetcdfContent& content, const results::EnsembleRecord& ensemble) {
  const std::vector<stats::Moments> moments = moments_of(ensemble);
  const auto add = [&](const char* name, const char* meaning, double stats::Moments::*moment) {
    std::vector<double> values;
    for (const stats::Moments& entry : moments) values.push_back(entry.*moment);
    content.add(variable({std::string("ensemble_") + name, "1", std::string(meaning) + " of the replicas' weights"},
                         {"snapshot", "w"}, std::move(values)));
  };
  add("mean", "mean", &stats::Moments::mean);
  add("std", "standard deviation", &stats::Moments::std);
  add("skewness", "skewness", &stats::Moments::skewness);
  add("kurtosis", "kurtosis (3 for a normal density)", &stats::Moments::kurtosis);
  content.add(variable({"ensemble_loss", "1", "mean over the replicas of their loss"}, {"snapshot"},
                       means_of(ensemble, ensemble.loss)));
  if (ensemble.n_test_samples > 0)
    content.add(variable({"ensemble_test_loss", "1", "mean over the replicas of their loss over the samples held out"},
                         {"snapshot"}, means_of(ensemble, ensemble.test_loss)));
}

}  // namespace driftwood::store
