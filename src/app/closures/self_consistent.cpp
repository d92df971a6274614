#include <Eigen/Cholesky>
#include <algorithm>
#include <boost/numeric/odeint.hpp>
#include <cmath>
#include <utility>

#include "closures.hpp"
#include "driftwood/app/point_problem.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/fp/marginals.hpp"
#include "driftwood/nn/gradient_moments.hpp"
#include "tables.hpp"

namespace driftwood::app {

namespace {

using Numbers = std::vector<double>;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A layer of more parameters than this has a normal law of independent entries.
constexpr int largest_with_covariances = 32;
/// The rounds end when no marginal of w moves by more than this part of its standard deviation (Wasserstein-1).
constexpr double settled = 2e-3;
constexpr int most_rounds = 12;
/// Of the moments, relative and absolute.
constexpr double moment_tolerance = 1e-5;

/// Where the parameters start: shared draws are known constants, as in the closure `fixed`.
struct Start {
  Numbers mean;
  Numbers std;
};

Start start_of(const ensemble::EnsembleProblem& problem) {
  Start start{problem.initial.mean, problem.initial.std};
  const Numbers shared = ensemble::initial_parameters(problem, 0, 1);
  std::vector<char> is_tracked(start.mean.size(), 0);
  for (const int position : problem.tracked.positions) is_tracked[position] = 1;
  for (std::size_t i = 0; i < start.mean.size(); ++i) {
    const bool is_shared = (problem.initial.others_shared && is_tracked[i] == 0) ||
                           (!problem.initial.shared.empty() && problem.initial.shared[i] != 0);
    if (!is_shared) continue;
    start.mean[i] = shared[i];
    start.std[i] = 0;
  }
  return start;
}

/// One group a layer: what of it is trained or spread, and not tracked. The tracked weights are the last group.
std::vector<nn::ParameterGroup> layer_groups(const ensemble::EnsembleProblem& problem, const Start& start) {
  const nn::Network& network = problem.network;
  std::vector<nn::ParameterGroup> groups(network.n_layers() + 1);
  for (const int position : nn::own_parameters(network).positions) {
    const auto& tracked = problem.tracked.positions;
    if (std::find(tracked.begin(), tracked.end(), position) != tracked.end()) continue;
    if (problem.sgd.trained[position] == 0 && start.std[position] == 0) continue;
    int layer = 1;
    while (layer < network.n_layers() && position >= network.weight_offset(layer + 1)) ++layer;
    groups[layer - 1].positions.push_back(position);
  }
  groups.back().positions = problem.tracked.positions;
  std::erase_if(groups, [](const nn::ParameterGroup& group) { return group.positions.empty(); });
  for (nn::ParameterGroup& group : groups) group.with_covariances = group.size() <= largest_with_covariances;
  return groups;
}

/// `count` draws of w, twice in a row so that each meets both of a pair of opposite samples, with exactly the density's
/// mean and covariance.
Numbers balanced_draws(const fp::Density& density, long count, const CounterRandom& random) {
  const int d = density.dimension();
  Numbers drawn = fp::draw(density, count, random, 0);
  Eigen::Map<RowMajor> rows(drawn.data(), count, d);
  const Eigen::RowVectorXd mean = rows.colwise().mean();
  rows.rowwise() -= mean;
  const Eigen::MatrixXd own = rows.transpose() * rows / static_cast<double>(count);
  const Eigen::LLT<Eigen::MatrixXd> own_root(own);
  const Eigen::LLT<Eigen::MatrixXd> wanted_root(density.covariance());
  if (own_root.info() == Eigen::Success && wanted_root.info() == Eigen::Success) {
    const Eigen::MatrixXd whitened = own_root.matrixL().solve(rows.transpose());
    rows = (wanted_root.matrixL() * whitened).transpose();
  }
  rows.rowwise() += density.mean().transpose();
  const Numbers once = drawn;
  drawn.insert(drawn.end(), once.begin(), once.end());
  return drawn;
}

/// Wasserstein-1 distance of two marginals by their distribution functions on the cells of both.
double distance(const fp::Marginal& a, const fp::Marginal& b) {
  Numbers edges = a.edges;
  edges.insert(edges.end(), b.edges.begin(), b.edges.end());
  std::sort(edges.begin(), edges.end());
  double sum = 0;
  double before = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const double here = std::abs(a.cumulative(edges[i]) - b.cumulative(edges[i]));
    if (i > 0) sum += (here + before) / 2 * (edges[i] - edges[i - 1]);
    before = here;
  }
  return sum;
}

/// The largest change of a marginal of w at any snapshot, in standard deviations.
double largest_change(const std::vector<fp::Density>& now, const std::vector<fp::Density>& before) {
  double largest = 0;
  for (std::size_t k = 0; k < now.size(); ++k)
    for (int axis = 0; axis < now[k].dimension(); ++axis) {
      const fp::Marginal marginal = fp::marginal(now[k], axis);
      largest = std::max(largest, distance(marginal, fp::marginal(before[k], axis)) / std::sqrt(marginal.variance()));
    }
  return largest;
}

/// The rounds of waveform relaxation.
class Relaxation {
 public:
  Relaxation(const ClosureInput& input, const mpi::Communicator& communicator)
      : input_(input),
        communicator_(communicator),
        start_(start_of(input.problem)),
        law_(layer_groups(input.problem, start_), start_.mean),
        n_samples_((input.config.closure.layer_samples + 1) / 2 * 2),
        normals_(fp::balanced_normals(n_samples_, law_.n_varied(), input.problem.random)) {}

  ClosureSolution solve(const fp_solver::SolveHooks& hooks) {
    ClosureSolution result{fp::ClosureKind::self_consistent, {}, {}, {}};
    advance_laws();
    double change = 0;
    for (int round = 1;; ++round) {
      std::vector<fp::Density> before = std::move(result.solution.snapshots);
      result.solution = solve_density(hooks);
      result.others = OtherLayers{law_, states_, round};
      fp_solver::SolveReport& report = result.solution.report;
      if (report.status != fp_solver::SolveStatus::ok) return result;
      if (round > 1) change = largest_change(result.solution.snapshots, before);
      if (round > 1 && change <= settled) {
        report.message = "layers agree after " + std::to_string(round) + " rounds";
        return result;
      }
      if (round == most_rounds) {
        report.status = fp_solver::SolveStatus::not_converged;
        report.message = "after " + std::to_string(round) + " rounds w still moves by " + std::to_string(change) +
                         " standard deviations";
        return result;
      }
      mpi::agree(communicator_, [&] { set_draws(result.solution.snapshots); });
      advance_laws();
    }
  }

 private:
  /// Drift and diffusion of all groups at these samples, the ranks sharing the rows. Collective.
  nn::GradientMoments moments_at(const Numbers& rows, const nn::KramersMoyalOptions& options) const {
    const std::size_t width = law_.n_parameters();
    const mpi::Share share = mpi::share_of(n_samples_, communicator_.rank(), communicator_.size());
    nn::GradientMoments own;
    mpi::agree(communicator_, [&] {
      own = nn::gradient_moments(input_.problem.network, input_.dataset, law_.groups(), options,
                                 std::span(rows).subspan(share.first * width, share.count * width));
    });
    return {communicator_.all_gather(own.drift), communicator_.all_gather(own.diffusion)};
  }

  /// Rates of the laws' moments where w has the draws of a snapshot; none: where it is normal as the others are.
  Numbers rates_at(const Numbers& state, const Numbers* draws, const nn::KramersMoyalOptions& options) const {
    Numbers rows = law_.samples(state, normals_);
    const int d = input_.problem.tracked.dimension();
    if (draws != nullptr)
      for (long s = 0; s < n_samples_; ++s)
        set_tracked(input_.problem.tracked, draws->data() + s * d, rows.data() + s * law_.n_parameters());
    return law_.rates(state, rows, moments_at(rows, options));
  }

  /// The laws at every snapshot, from the initial distribution on. Collective.
  void advance_laws() {
    namespace odeint = boost::numeric::odeint;
    const Numbers& times = input_.ensemble.times;
    states_.assign(1, law_.state(start_.mean, start_.std));
    for (std::size_t k = 0; k + 1 < times.size(); ++k) {
      const nn::KramersMoyalOptions first = coefficient_options(input_, input_.ensemble.steps[k]);
      const nn::KramersMoyalOptions last = coefficient_options(input_, input_.ensemble.steps[k + 1]);
      const auto rates = [&](const Numbers& state, Numbers& result, double t) {
        const double part = (t - times[k]) / (times[k + 1] - times[k]);
        nn::KramersMoyalOptions now = first;
        now.learning_rate = std::lerp(first.learning_rate, last.learning_rate, part);
        result = rates_at(state, draws_.empty() ? nullptr : &draws_[k], now);
        if (draws_.empty()) return;
        const Numbers later = rates_at(state, &draws_[k + 1], now);
        for (std::size_t i = 0; i < result.size(); ++i) result[i] = std::lerp(result[i], later[i], part);
      };
      Numbers state = states_.back();
      const auto stepper =
          odeint::make_controlled(moment_tolerance, moment_tolerance, odeint::runge_kutta_dopri5<Numbers>());
      try {
        odeint::integrate_adaptive(stepper, rates, state, times[k], times[k + 1], times[k + 1] - times[k]);
      } catch (const odeint::odeint_error& error) {
        throw ConfigError("closure self_consistent: the layers' moments cannot be followed beyond t = " +
                          std::to_string(times[k]) + " (" + error.what() + "): is training.learning_rate too large?");
      }
      states_.push_back(std::move(state));
    }
  }

  /// Where the drift of w is tabulated: where its law reaches, as a normal one and as it was solved last.
  Box reach() const {
    const int d = input_.problem.tracked.dimension();
    Box box(d);
    for (const Numbers& state : states_) {
      const auto moments = std::span(state).last(d + packed_size(d));
      for (int k = 0; k < d; ++k) {
        const double std = std::sqrt(std::max(0.0, moments[d + packed_index(d, k, k)]));
        box.include(k, moments[k] - 8 * std);
        box.include(k, moments[k] + 8 * std);
      }
    }
    for (std::size_t i = 0; i < reached_.low.size(); ++i) {
      box.include(static_cast<int>(i), reached_.low[i]);
      box.include(static_cast<int>(i), reached_.high[i]);
    }
    box.widen(0.25);
    return box;
  }

  /// The density of w with the other layers' laws as they are. Collective.
  fp_solver::SolveResult solve_density(const fp_solver::SolveHooks& hooks) const {
    const Box box = reach();
    const std::size_t width = law_.n_parameters();
    const mpi::Share share = mpi::share_of(n_samples_, communicator_.rank(), communicator_.size());
    std::vector<fp::CoefficientTable> tables(
        states_.size(), fp::empty_table(box.low, box.high, table_nodes(input_, fp::ClosureKind::self_consistent)));
    for (std::size_t k = 0; k < tables.size(); ++k) {
      const Numbers rows = law_.samples(states_[k], normals_);
      const auto first = rows.begin() + static_cast<long>(share.first * width);
      tabulate_average(input_, {first, first + static_cast<long>(share.count * width)}, input_.ensemble.steps[k],
                       tables[k], communicator_);
    }
    const fp::TabulatedCoefficients coefficients(input_.ensemble.times, std::move(tables));
    const auto options = make_solve_options(input_.config.fokker_planck, input_.problem.tracked.dimension());
    return fp_solver::solve(coefficients, initial_density(input_.problem), input_.ensemble.times, options,
                            communicator_,
                            {.keeper = {}, .stop_requested = hooks.stop_requested, .checkpoint_seconds = 0});
  }

  void set_draws(const std::vector<fp::Density>& densities) {
    const int d = input_.problem.tracked.dimension();
    draws_.clear();
    reached_ = Box(d);
    for (const fp::Density& density : densities) {
      draws_.push_back(balanced_draws(density, n_samples_ / 2, input_.problem.random));
      for (std::size_t i = 0; i < draws_.back().size(); ++i)
        reached_.include(static_cast<int>(i % d), draws_.back()[i]);
    }
  }

  const ClosureInput& input_;
  const mpi::Communicator& communicator_;
  Start start_;
  fp::LayerLaw law_;
  long n_samples_;
  Numbers normals_;
  std::vector<Numbers> states_;  ///< of the laws, a snapshot each
  std::vector<Numbers> draws_;   ///< of w, n_samples x d, a snapshot each; none in the first round
  Box reached_{0};
};

}  // namespace

ClosureSolution solve_self_consistent(const ClosureInput& input, const fp_solver::SolveHooks& hooks,
                                      const mpi::Communicator& communicator) {
  return Relaxation(input, communicator).solve(hooks);
}

}  // namespace driftwood::app
