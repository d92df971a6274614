#include <algorithm>
#include <functional>
#include <limits>

#include "driftwood/core/error.hpp"
#include "driftwood/store/point_content.hpp"

namespace driftwood::store {

namespace {

using results::ClosureRecord;

template <class T>
std::vector<T> of_each(const std::vector<ClosureRecord>& closures, const std::function<T(const ClosureRecord&)>& get) {
  std::vector<T> values;
  for (const ClosureRecord& closure : closures) values.push_back(get(closure));
  return values;
}

void add_texts(NetcdfContent& content, const std::vector<ClosureRecord>& closures) {
  const auto add = [&](const char* name, const char* meaning, std::string ClosureRecord::*text) {
    content.add(variable({name, "1", meaning}, {"closure"},
                         of_each<std::string>(closures, [text](const ClosureRecord& c) { return c.*text; })));
  };
  add("closure_status", "ok, or why the solve failed", &ClosureRecord::status);
  add("closure_message", "what the solver said", &ClosureRecord::message);
  add("training_data_used", "what the closure was told about the trained ensemble", &ClosureRecord::training_data_used);
}

void add_counts(NetcdfContent& content, const std::vector<ClosureRecord>& closures) {
  const auto add = [&](const char* name, const char* meaning, auto&& get) {
    content.add(variable({name, "1", meaning}, {"closure"}, of_each<std::int64_t>(closures, get)));
  };
  add("closure_exact", "1 where the closure holds exactly for this point, else 0",
      [](const ClosureRecord& c) { return std::int64_t{c.exact}; });
  add("n_steps", "accepted time steps of the solve", [](const ClosureRecord& c) { return c.n_steps; });
  add("n_rejected", "rejected time steps", [](const ClosureRecord& c) { return c.n_rejected; });
  add("n_remaps", "remaps of the density to another box", [](const ClosureRecord& c) { return c.n_remaps; });
  add("n_linear_iterations", "iterations of the linear solver",
      [](const ClosureRecord& c) { return c.n_linear_iterations; });
}

void add_measures(NetcdfContent& content, const std::vector<ClosureRecord>& closures) {
  const auto add = [&](const char* name, const char* units, const char* meaning, double ClosureRecord::*number) {
    content.add(variable({name, units, meaning}, {"closure"},
                         of_each<double>(closures, [number](const ClosureRecord& c) { return c.*number; })));
  };
  add("max_cell_peclet", "1", "largest cell Peclet number where the density matters", &ClosureRecord::max_cell_peclet);
  add("max_added_diffusion", "1", "largest diffusion added to very anisotropic tensors, relative to them",
      &ClosureRecord::max_added_diffusion);
  add("max_mass_error", "1", "largest |mass - 1| over the steps", &ClosureRecord::max_mass_error);
  add("min_density", "1", "smallest cell value over the steps, relative to the largest", &ClosureRecord::min_density);
  add("time_step_error", "1", "estimate of the error of the time steps, L1, summed over them",
      &ClosureRecord::time_step_error);
  add("max_wall_mass", "1", "largest mass seen in the outermost cells of a wall", &ClosureRecord::max_wall_mass);
  add("solve_seconds", "s", "wall time of the solve", &ClosureRecord::seconds);
}

/// closure x snapshot x w; NaN after the snapshot at which a solve failed.
std::vector<double> anomalous_dimensions(const std::vector<ClosureRecord>& closures, std::size_t per_closure) {
  std::vector<double> values(closures.size() * per_closure, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t c = 0; c < closures.size(); ++c) {
    const std::vector<double>& own = closures[c].anomalous_dimension;
    if (own.size() > per_closure) throw InternalError("too many anomalous dimensions of closure " + closures[c].name);
    std::copy(own.begin(), own.end(), values.begin() + static_cast<std::ptrdiff_t>(c * per_closure));
  }
  return values;
}

/// The laws of the other layers, as `self_consistent` solved them.
void add_layer_laws(NetcdfContent& content, const std::vector<ClosureRecord>& closures) {
  for (const ClosureRecord& closure : closures) {
    if (closure.layer_parameters.empty()) continue;
    content.dimensions.push_back({"layer_parameter", closure.layer_parameters.size()});
    content.add(as_coordinate(variable({"layer_parameter", "1", "parameter that self_consistent has a normal law of"},
                                       {"layer_parameter"}, closure.layer_parameters)));
    const auto add = [&](const char* name, const char* meaning, const std::vector<double>& values) {
      content.add(variable({name, "1", meaning}, {"snapshot", "layer_parameter"}, values));
    };
    add("layer_mean", "its mean, as predicted from the initial distribution", closure.layer_mean);
    add("layer_std", "its standard deviation, as predicted from the initial distribution", closure.layer_std);
    return;
  }
}

/// `get(snapshot)` of all snapshots in a row.
template <class T, class Get>
std::vector<T> of_snapshots(const std::vector<results::ConditionalSnapshot>& conditional, const Get& get) {
  std::vector<T> values;
  for (const results::ConditionalSnapshot& snapshot : conditional) values.push_back(static_cast<T>(get(snapshot)));
  return values;
}

/// What the closure `conditional` rests on: its fit on some nodes.
void add_conditional(NetcdfContent& content, const std::vector<results::ConditionalSnapshot>& conditional) {
  using Nodes = fp::ConditionalNodes;
  content.dimensions.push_back({"node", conditional.front().nodes.replicas.size()});
  const auto add = [&](const Label& label, std::vector<std::string> dimensions, std::vector<double> Nodes::*array) {
    content.add(slab_variable(label, std::move(dimensions), [&conditional, array](std::size_t snapshot) {
      return conditional[snapshot].nodes.*array;
    }));
  };
  add({"conditional_w", "1", "tracked weights at the nodes of the regression"}, {"snapshot", "node", "w"}, &Nodes::w);
  add({"conditional_drift", "1", "E[b|w]"}, {"snapshot", "node", "w"}, &Nodes::drift);
  add({"conditional_drift_band", "1", "half width of the 95 % band of E[b|w] (bootstrap)"}, {"snapshot", "node", "w"},
      &Nodes::drift_band);
  add({"conditional_drift_variance", "1", "Var[b|w] of each component"}, {"snapshot", "node", "w"},
      &Nodes::drift_variance);
  add({"conditional_diffusion", "1", "E[D|w]"}, {"snapshot", "node", "ww"}, &Nodes::diffusion);
  add({"conditional_diffusion_band", "1", "half width of the 95 % band of E[D|w] (bootstrap)"},
      {"snapshot", "node", "ww"}, &Nodes::diffusion_band);
  add({"conditional_replicas", "1", "effective number of replicas behind E[b|w]"}, {"snapshot", "node"},
      &Nodes::replicas);
  add({"conditional_carried", "1", "1 where replicas carry the estimate, 0 where it was continued from elsewhere"},
      {"snapshot", "node"}, &Nodes::is_carried);
}

void add_conditional_choices(NetcdfContent& content, const std::vector<results::ConditionalSnapshot>& conditional) {
  using Snapshot = results::ConditionalSnapshot;
  const auto add = [&](const char* name, const char* meaning, int Snapshot::*number) {
    content.add(
        variable({name, "1", meaning}, {"snapshot"},
                 of_snapshots<std::int64_t>(conditional, [number](const Snapshot& each) { return each.*number; })));
  };
  add("conditional_neighbours", "replicas in the local regression's kernel; 0: polynomial", &Snapshot::neighbours);
  add("conditional_drift_degree", "degree of the polynomial regression of the drift; 0: local",
      &Snapshot::drift_degree);
  add("conditional_diffusion_degree", "likewise of the diffusion", &Snapshot::diffusion_degree);
  std::vector<double> explained;
  for (const Snapshot& each : conditional)
    explained.insert(explained.end(), each.explained.begin(), each.explained.end());
  content.add(
      variable({"conditional_explained", "1", "part of the drift's variance that w predicts of unseen replicas"},
               {"snapshot", "w"}, explained));
  content.add(
      variable({"conditional_mass_beyond", "1", "probability of the solution where coefficients were continued"},
               {"snapshot"}, of_snapshots<double>(conditional, [](const Snapshot& each) { return each.mass_beyond; })));
}

}  // namespace

void add_closures(NetcdfContent& content, const results::PointRecord& record) {
  const std::vector<ClosureRecord>& closures = record.closures;
  content.dimensions.push_back({"closure", closures.size()});
  content.add(as_coordinate(variable({"closure", "1", "where the conditional expectations come from"}, {"closure"},
                                     of_each<std::string>(closures, [](const ClosureRecord& c) { return c.name; }))));
  add_texts(content, closures);
  add_counts(content, closures);
  add_measures(content, closures);
  add_layer_laws(content, closures);
  const std::size_t per_closure = content.length("snapshot") * content.length("w");
  content.add(variable(
      {"anomalous_dimension", "1", "anomalous dimension gamma = (dS/dt) / S of the frame, per unit of training time"},
      {"closure", "snapshot", "w"}, anomalous_dimensions(closures, per_closure)));
  for (const ClosureRecord& closure : closures)
    if (!closure.conditional.empty()) {
      add_conditional(content, closure.conditional);
      add_conditional_choices(content, closure.conditional);
    }
}

}  // namespace driftwood::store
