#include "theory_rows.hpp"

#include "driftwood/core/error.hpp"
#include "driftwood/stats/distances.hpp"
#include "driftwood/stats/neighbours.hpp"

namespace driftwood::app {

namespace {

/// Standard deviation of n x d values along each of the d axes; 1 where they do not spread.
std::vector<double> spread_along_axes(const std::vector<double>& w, int d) {
  std::vector<double> spread(d);
  for (int axis = 0; axis < d; ++axis) {
    std::vector<double> sample;
    for (std::size_t i = axis; i < w.size(); i += d) sample.push_back(w[i]);
    const double std = stats::moments(sample).std;
    spread[axis] = std > 0 ? std : 1.0;
  }
  return spread;
}

std::vector<double> divided_by(const std::vector<double>& w, const std::vector<double>& spread) {
  std::vector<double> scaled(w.size());
  for (std::size_t i = 0; i < w.size(); ++i) scaled[i] = w[i] / spread[i % spread.size()];
  return scaled;
}

/// The rows, made one after the other.
class TheoryRows {
 public:
  TheoryRows(const ClosureSolution& closure, const ClosureInput& input, std::size_t snapshot,
             const TrackedSnapshot& tracked, const ensemble::Snapshot& local)
      : input_(input), tracked_(tracked), local_(local) {
    using fp::ClosureKind;
    if (closure.kind == ClosureKind::quenched) {
      draws_ = closure.paths.draws[snapshot];
      with_paths(closure.paths.parameters[snapshot], static_cast<long>(closure.paths.replica.size()));
      return;
    }
    draws_ = fp::draw(closure.solution.snapshots[snapshot], tracked.size(), input.problem.random, local.step);
    switch (closure.kind) {
      case ClosureKind::joint:
      case ClosureKind::fixed:
        with_constant_others(fixed_parameters(input.problem));
        break;
      case ClosureKind::mean_trajectory:
        with_constant_others(input.mean_parameters[snapshot]);
        break;
      case ClosureKind::annealed:
        with_independent_others();
        break;
      case ClosureKind::self_consistent:
        with_drawn_others(closure.others->law, closure.others->states[snapshot]);
        break;
      case ClosureKind::conditional:
      case ClosureKind::quenched:
        with_nearest_others();
        break;
    }
  }

  const std::vector<double>& rows() const { return rows_; }

 private:
  bool is_local(long replica) const {
    return replica >= input_.ensemble.first_replica &&
           replica < input_.ensemble.first_replica + input_.ensemble.n_local;
  }

  const double* parameters_of(long replica) const {
    return local_.parameters.data() + (replica - input_.ensemble.first_replica) * input_.problem.network.n_parameters();
  }

  void add(const double* others, long draw) {
    const nn::TrackedWeights& tracked = input_.problem.tracked;
    const std::size_t start = rows_.size();
    rows_.insert(rows_.end(), others, others + input_.problem.network.n_parameters());
    for (int k = 0; k < tracked.dimension(); ++k)
      rows_[start + tracked.positions[k]] = draws_[draw * tracked.dimension() + k];
  }

  void with_constant_others(const std::vector<double>& others) {
    const auto& replicas = tracked_.replica;
    for (std::size_t i = 0; i < replicas.size(); ++i)
      if (is_local(replicas[i])) add(others.data(), static_cast<long>(i));
  }

  /// Draw i comes from the density of path i % n_paths.
  void with_paths(const std::vector<double>& parameters, long n_paths) {
    const auto& replicas = tracked_.replica;
    const std::size_t width = input_.problem.network.n_parameters();
    for (std::size_t i = 0; i < replicas.size(); ++i)
      if (is_local(replicas[i]))
        add(parameters.data() + static_cast<std::size_t>(static_cast<long>(i) % n_paths) * width, static_cast<long>(i));
  }

  void with_drawn_others(const fp::LayerLaw& law, const std::vector<double>& state) {
    const auto& replicas = tracked_.replica;
    std::vector<double> normals;
    std::vector<long> own;
    for (std::size_t i = 0; i < replicas.size(); ++i) {
      if (!is_local(replicas[i])) continue;
      own.push_back(static_cast<long>(i));
      for (int k = 0; k < law.n_varied(); ++k)
        normals.push_back(input_.problem.random.normal(RandomPurpose::layer_draw, k, local_.step, i));
    }
    const std::vector<double> others = law.samples(state, normals);
    for (std::size_t i = 0; i < own.size(); ++i) add(others.data() + i * law.n_parameters(), own[i]);
  }

  /// Draw i is independent of every replica's w, so pairing it with replica i's other parameters is an independent
  /// pair.
  void with_independent_others() {
    const auto& replicas = tracked_.replica;
    for (std::size_t i = 0; i < replicas.size(); ++i)
      if (is_local(replicas[i])) add(parameters_of(replicas[i]), static_cast<long>(i));
  }

  /// Every rank draws the same w; the rank that holds the nearest replica makes the row, so replicas never travel.
  void with_nearest_others() {
    const TrackedSnapshot& tracked = tracked_;
    const int d = input_.problem.tracked.dimension();
    const std::vector<double> spread = spread_along_axes(tracked.w, d);
    const stats::NeighbourIndex replicas(divided_by(tracked.w, spread), d);
    const std::vector<double> scaled_draws = divided_by(draws_, spread);
    for (long i = 0; i < tracked.size(); ++i) {
      const auto nearest = replicas.nearest(std::span(scaled_draws).subspan(i * d, d), 1);
      const long replica = tracked.replica[nearest.front().index];
      if (is_local(replica)) add(parameters_of(replica), i);
    }
  }

  const ClosureInput& input_;
  const TrackedSnapshot& tracked_;
  const ensemble::Snapshot& local_;
  std::vector<double> draws_;
  std::vector<double> rows_;
};

}  // namespace

std::vector<double> theory_rows(const ClosureSolution& closure, const ClosureInput& input, std::size_t snapshot,
                                const TrackedSnapshot& tracked, const ensemble::Snapshot& local) {
  return TheoryRows(closure, input, snapshot, tracked, local).rows();
}

}  // namespace driftwood::app
