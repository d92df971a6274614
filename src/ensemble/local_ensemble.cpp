#include "local_ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "driftwood/core/error.hpp"
#include "driftwood/nn/balance.hpp"

namespace driftwood::ensemble {

namespace {

/// Beyond this a replica counts as diverged: squares would soon overflow.
constexpr double largest_parameter = 1e100;

const EnsembleProblem& checked(const EnsembleProblem& problem) {
  if (!std::is_sorted(problem.snapshot_steps.begin(), problem.snapshot_steps.end()))
    throw InternalError("snapshot steps must ascend");
  return problem;
}

/// Row r of an array of `n` rows.
template <class Values>
auto row_of(Values& values, long r, long n) {
  const std::size_t width = values.size() / n;
  return std::span(values).subspan(r * width, width);
}

}  // namespace

LocalEnsemble::LocalEnsemble(const EnsembleProblem& problem, const data::Split& data, mpi::Share share)
    : problem_(checked(problem)),
      data_(data),
      share_(share),
      trainer_(problem.network, data.train, problem.sgd, problem.random),
      parameters_(initial_parameters(problem, share.first, share.count)),
      state_(static_cast<std::size_t>(share.count) * trainer_.state_size(), 0.0),
      set_aside_(share.count, 0),
      diverged_at_(share.count, -1.0),
      times_(problem.sgd.time_axis().times(problem.snapshot_steps)) {}

TrainingShape LocalEnsemble::shape() const {
  return {.n_replicas = problem_.n_replicas,
          .share = share_,
          .snapshot_steps = problem_.snapshot_steps,
          .n_state = n_state(),
          .n_kept = problem_.kept_parameters ? static_cast<long>(problem_.kept_parameters->size())
                                             : problem_.network.n_parameters(),
          .dimension = problem_.tracked.dimension(),
          .has_test = data_.test.n_samples > 0,
          .n_balance = has_balance() ? static_cast<int>(nn::balance_names(problem_.network).size()) : 0};
}

void LocalEnsemble::train(std::uint32_t first_step, std::uint32_t n_steps) {
  trainer_.train(parameters_, state_, static_cast<std::uint64_t>(share_.first), first_step, n_steps, set_aside_);
}

Snapshot LocalEnsemble::snapshot(std::size_t number) {
  const std::uint32_t step = problem_.snapshot_steps[number];
  Snapshot result;
  result.step = step;
  result.time = times_[number];
  result.coefficients = coefficients(step);
  if (data_.test.n_samples > 0)
    result.test_loss = nn::losses(problem_.network, data_.test, problem_.sgd.weight_decay, parameters_);
  for (long r = 0; r < share_.count; ++r) {
    if (set_aside_[r] == 0 && !is_sound(r, result.coefficients)) {
      set_aside_[r] = 1;
      diverged_at_[r] = step;
    }
    if (set_aside_[r] != 0) blank(r, result);
  }
  if (has_balance()) result.balance = nn::balance(problem_.network, parameters_);
  result.tracked = columns(problem_.tracked.positions);
  result.parameters = problem_.kept_parameters ? columns(*problem_.kept_parameters) : parameters_;
  return result;
}

/// Tied layers have no gradients of their own.
bool LocalEnsemble::has_balance() const {
  return problem_.network.activation == nn::Activation::linear && !problem_.network.tied;
}

long LocalEnsemble::n_state() const {
  return problem_.network.n_parameters() + trainer_.state_size() + 1;
}

TrainingState LocalEnsemble::state(std::uint32_t step) const {
  TrainingState state{step, {}};
  state.rows.reserve(static_cast<std::size_t>(share_.count * n_state()));
  for (long r = 0; r < share_.count; ++r) {
    for (const std::vector<double>* values : {&parameters_, &state_}) {
      const auto row = row_of(*values, r, share_.count);
      state.rows.insert(state.rows.end(), row.begin(), row.end());
    }
    state.rows.push_back(diverged_at_[r]);
  }
  return state;
}

void LocalEnsemble::restore(const TrainingState& state) {
  if (state.rows.size() != static_cast<std::size_t>(share_.count * n_state()))
    throw InternalError("the state of another training");
  for (long r = 0; r < share_.count; ++r) {
    auto next = state.rows.begin() + r * n_state();
    for (std::vector<double>* values : {&parameters_, &state_}) {
      const auto row = row_of(*values, r, share_.count);
      std::copy_n(next, row.size(), row.begin());
      next += static_cast<long>(row.size());
    }
    diverged_at_[r] = *next;
    set_aside_[r] = diverged_at_[r] >= 0 ? 1 : 0;
  }
}

std::vector<Divergence> LocalEnsemble::diverged() const {
  std::vector<Divergence> list;
  for (long r = 0; r < share_.count; ++r)
    if (set_aside_[r] != 0) list.push_back({share_.first + r, static_cast<std::uint32_t>(diverged_at_[r])});
  return list;
}

nn::KramersMoyal LocalEnsemble::coefficients(std::uint32_t step) const {
  return nn::kramers_moyal(problem_.network, data_.train, problem_.tracked,
                           nn::coefficient_options(problem_.sgd, data_.train.n_samples, step, problem_.modified_loss),
                           parameters_);
}

bool LocalEnsemble::is_bounded() const {
  return std::ranges::all_of(parameters_, [](double x) { return std::abs(x) <= largest_parameter; });
}

/// Large but finite parameters can have a drift or a diffusion that overflows: no use to anyone either.
bool LocalEnsemble::is_sound(long r, const nn::KramersMoyal& coefficients) const {
  const auto bounded = [](double x) { return std::abs(x) <= largest_parameter; };
  const auto finite = [](double x) { return std::isfinite(x); };
  return std::ranges::all_of(row_of(parameters_, r, share_.count), bounded) && finite(coefficients.loss[r]) &&
         std::ranges::all_of(row_of(coefficients.drift, r, share_.count), finite) &&
         std::ranges::all_of(row_of(coefficients.diffusion, r, share_.count), finite);
}

void LocalEnsemble::blank(long r, Snapshot& snapshot) {
  nn::KramersMoyal& coefficients = snapshot.coefficients;
  for (std::vector<double>* values :
       {&parameters_, &coefficients.loss, &coefficients.drift, &coefficients.diffusion, &snapshot.test_loss})
    std::ranges::fill(row_of(*values, r, share_.count), std::numeric_limits<double>::quiet_NaN());
}

std::vector<double> LocalEnsemble::columns(const std::vector<int>& positions) const {
  const int width = problem_.network.n_parameters();
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(share_.count) * positions.size());
  for (long r = 0; r < share_.count; ++r)
    for (int position : positions) values.push_back(parameters_[r * width + position]);
  return values;
}

}  // namespace driftwood::ensemble
