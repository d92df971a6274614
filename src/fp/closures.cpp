#include "driftwood/fp/closures.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::fp {

namespace {

constexpr std::array<std::pair<ClosureKind, const char*>, 7> closure_names{{
    {ClosureKind::joint, "joint"},
    {ClosureKind::fixed, "fixed"},
    {ClosureKind::mean_trajectory, "mean_trajectory"},
    {ClosureKind::annealed, "annealed"},
    {ClosureKind::quenched, "quenched"},
    {ClosureKind::conditional, "conditional"},
    {ClosureKind::self_consistent, "self_consistent"},
}};

}  // namespace

std::string name(ClosureKind kind) {
  for (const auto& [known, text] : closure_names)
    if (known == kind) return text;
  throw InternalError("a closure without a name");
}

ClosureKind closure_kind(const std::string& name) {
  std::string allowed;
  for (const auto& [kind, text] : closure_names) {
    if (name == text) return kind;
    allowed += (allowed.empty() ? "" : ", ") + std::string(text);
  }
  throw ConfigError("closure '" + name + "' is not one of " + allowed);
}

std::string training_data_used(ClosureKind kind) {
  switch (kind) {
    case ClosureKind::joint:
    case ClosureKind::fixed:
    case ClosureKind::self_consistent:
      return "none";
    case ClosureKind::mean_trajectory:
      return "ensemble mean of the other parameters at every snapshot";
    case ClosureKind::annealed:
      return "other parameters of the replicas at every snapshot";
    case ClosureKind::quenched:
      return "other parameters of a few replicas at every snapshot";
    case ClosureKind::conditional:
      return "weights, drift and diffusion of every replica at every snapshot";
  }
  throw InternalError("a closure without a description");
}

CoefficientTable empty_table(std::span<const double> low, std::span<const double> high, int nodes) {
  if (low.empty() || low.size() != high.size() || nodes < 2)
    throw InternalError("a coefficient table needs a box and at least 2 nodes per axis");
  CoefficientTable table;
  std::size_t n_nodes = 1;
  for (std::size_t axis = 0; axis < low.size(); ++axis) {
    if (!(low[axis] < high[axis])) throw InternalError("a coefficient table's box is empty");
    std::vector<double> positions(nodes);
    for (int i = 0; i < nodes; ++i) positions[i] = low[axis] + (high[axis] - low[axis]) * i / (nodes - 1);
    positions.back() = high[axis];
    table.nodes.push_back(std::move(positions));
    n_nodes *= nodes;
  }
  table.drift.assign(n_nodes * low.size(), 0.0);
  table.diffusion.assign(n_nodes * packed_size(static_cast<int>(low.size())), 0.0);
  return table;
}

}  // namespace driftwood::fp
