#include "derive_rows.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/analysis/kpz.hpp"
#include "driftwood/analysis/n_point.hpp"
#include "driftwood/fp/products.hpp"
#include "driftwood/fp_solver/backward.hpp"

namespace driftwood::app {

namespace {

using analysis::FieldMoments;
using analysis::Projection;
using Vector = Eigen::VectorXd;

std::vector<double> list(const Vector& values) {
  return {values.data(), values.data() + values.size()};
}

/// Sums of squares of bootstrap samples' distances to the whole, and the standard error they give.
class Spread {
 public:
  explicit Spread(Vector whole) : whole_(std::move(whole)), squares_(Vector::Zero(whole_.size())) {}
  void add(const Vector& sample) {
    squares_ += (sample - whole_).cwiseAbs2();
    ++n_;
  }
  std::vector<double> error() const { return list((squares_ / std::max(n_, 1)).cwiseSqrt()); }

 private:
  Vector whole_;
  Vector squares_;
  int n_ = 0;
};

/// The family with operators of `field` in a box around a density or ensemble.
analysis::ExponentialFamily family_around(const DeriveContext& context, const FieldMoments& moments,
                                          const fp::Frame& field) {
  const int d = moments.layout.dimension();
  return {context.operators, field, analysis::family_grid(d, 1.2 * moments.reach), moments.own};
}

/// The family in the box of a density or ensemble, and the couplings of largest likelihood in it.
struct LikelihoodFit {
  analysis::ExponentialFamily family;
  analysis::CouplingFit fit;
};
LikelihoodFit likelihood_fit(const DeriveContext& context, const FieldMoments& moments, const Projection& projection,
                             const fp::Frame& field) {
  analysis::ExponentialFamily family = family_around(context, moments, field);
  analysis::CouplingFit fit = family.fit(projection.mean, projection.score_coupling);
  return {std::move(family), std::move(fit)};
}

void set_flow(results::DerivedRow& row, const Projection& projection, const FieldMoments& moments) {
  row.set("score_coupling", list(projection.score_coupling));
  row.set("beta_function", list(projection.beta));
  row.set("anomalous_dimension", list(moments.anomalous_dimension()));
  row.set("condition_number", {projection.condition});
  row.set("rank", {static_cast<double>(projection.rank)});
}

/// For d <= 2 the couplings of largest likelihood, where they are found; else those of score matching.
std::optional<LikelihoodFit> set_coupling(const DeriveContext& context, const FieldMoments& moments,
                                          const Projection& projection, const fp::Frame& field,
                                          results::DerivedRow& row) {
  if (moments.layout.dimension() > 2) {
    row.set("coupling", list(projection.score_coupling));
    return {};
  }
  LikelihoodFit likelihood = likelihood_fit(context, moments, projection, field);
  row.set("fit_converged", {likelihood.fit.converged ? 1.0 : 0.0});
  if (!likelihood.fit.converged) return {};
  row.set("coupling", list(likelihood.fit.coupling));
  row.set("edge_mass", {likelihood.family.edge_mass(likelihood.fit.coupling)});
  return likelihood;
}

}  // namespace

SnapshotField field_at(const FieldMoments& ensemble, bool is_renormalised) {
  const int d = ensemble.layout.dimension();
  if (is_renormalised) return {ensemble.own, analysis::following(ensemble)};
  return {{Vector::Zero(d), Eigen::MatrixXd::Identity(d, d)}, analysis::at_rest(d)};
}

std::vector<double> ensemble_row(const DeriveContext& context, const TrackedSnapshot& snapshot,
                                 const FieldMoments& moments, const SnapshotField& field) {
  const analysis::GeneratorProjection project(context.operators, field.frame, field.motion, moments.layout,
                                              moments.own);
  const Projection whole = project(moments.means);
  results::DerivedRow row(context.record);
  set_flow(row, whole, moments);
  const auto likelihood = set_coupling(context, moments, whole, field.frame, row);
  // A sample's couplings of largest likelihood, to first order in its means: one step of Newton's method.
  std::optional<analysis::Conditioned> response;
  if (likelihood) response.emplace(likelihood->family.fisher(likelihood->fit.coupling));
  Spread coupling(Vector::Zero(context.operators.size()));
  Spread beta(whole.beta);
  Spread gamma(moments.anomalous_dimension());
  const analysis::Bootstrap bootstrap(static_cast<int>(snapshot.size()), context.options.bootstrap, context.random);
  const fp::RegressionData replicas{moments.layout.dimension(), snapshot.w, snapshot.drift, snapshot.diffusion};
  for (const FieldMoments& sample : analysis::resampled_moments(replicas, moments, bootstrap)) {
    const Projection part = project(sample.means);
    coupling.add(response ? response->solve(whole.mean - part.mean)
                          : Vector(part.score_coupling - whole.score_coupling));
    beta.add(part.beta);
    gamma.add(sample.anomalous_dimension());
  }
  row.set("coupling_error", coupling.error());
  row.set("beta_function_error", beta.error());
  row.set("anomalous_dimension_error", gamma.error());
  set_kernel_heights(context, snapshot, row);
  return row.flat();
}

namespace {

/// How long n-point functions may look ahead before the mean has moved by a width, which the density's box allows for.
double delay_at(const FieldMoments& moments, double wanted) {
  const Vector rate = moments.mean_rate();
  double delay = wanted;
  for (Eigen::Index k = 0; k < rate.size(); ++k)
    if (rate[k] != 0) delay = std::min(delay, moments.own.scale(k, k) / std::abs(rate[k]));
  return delay;
}

void set_n_point(const DeriveContext& context, const DeriveSource& source, const fp::Density& density,
                 const FieldMoments& moments, const fp::Frame& field, results::DerivedRow& row) {
  const double delay = delay_at(moments, context.options.delay);
  if (!(delay > 0)) return;
  const std::vector<double> change = analysis::discrete_rate_of_change(density, *source.coefficients);
  std::vector<double> values;
  std::vector<double> delay_term;
  std::vector<double> coupling_term;
  std::vector<double> scaling_term;
  std::vector<double> residual;
  for (int n = 1; n <= 4; ++n) {
    const analysis::Powers powers{n, 0, 0, 0};
    fp_solver::BackwardOptions options;
    options.delays = {delay};
    options.time = density.time;
    const fp_solver::BackwardSolution solution = fp_solver::evolve_backward(
        *source.coefficients, density.grid, density.frame,
        analysis::product_of_weights(density.grid, density.frame, powers), options, context.self);
    if (!solution.converged) return;
    const auto terms = analysis::n_point_terms(density, change, context.operators, field, solution.values.front(),
                                               powers, true, context.record.truncations);
    values.push_back(terms.front().value);
    delay_term.push_back(terms.front().delay);
    for (const analysis::NPointTerms& each : terms) {
      coupling_term.push_back(each.coupling_flow);
      scaling_term.push_back(each.scaling);
      residual.push_back(each.relative_residual);
    }
  }
  row.set("delay", {delay});
  row.set("npoint", values);
  row.set("npoint_delay_term", delay_term);
  row.set("npoint_coupling_term", coupling_term);
  row.set("npoint_scaling_term", scaling_term);
  row.set("npoint_residual", residual);
}

/// A profile on fewer cells than the file's has NaN at its end.
std::vector<double> padded(std::vector<double> values, int n) {
  values.resize(n, std::nan(""));
  return values;
}

void set_heights(const DeriveContext& context, const DeriveSource& source, std::size_t snapshot,
                 results::DerivedRow& row) {
  if (snapshot == 0 || snapshot + 1 >= source.densities.size()) return;
  const fp::Density& before = source.densities[snapshot - 1];
  const fp::Density& now = source.densities[snapshot];
  const fp::Density& after = source.densities[snapshot + 1];
  const analysis::HeightBalance balance = analysis::height_balance(before, now, after, *source.coefficients);
  row.set("height_rate_norm", {balance.rate});
  row.set("height_diffusion_norm", {balance.diffusion});
  row.set("height_growth_norm", {balance.growth});
  row.set("height_advection_norm", {balance.advection});
  row.set("height_source_norm", {balance.source});
  row.set("height_residual_norm", {balance.residual});
  row.set("height_mass", {balance.mass});
  const int n = context.record.n_profile_cells;
  if (n == 0) return;
  const analysis::HeightTerms terms = analysis::height_terms(now, *source.coefficients);
  row.set("profile_w", padded(fp::cell_centres(now.grid, now.frame, {0, now.grid.n_cells()}), n));
  row.set("height", padded(terms.height, n));
  row.set("height_rate", padded(analysis::height_rate(before, now, after), n));
  row.set("height_diffusion", padded(terms.diffusion, n));
  row.set("height_growth", padded(terms.growth, n));
  row.set("height_advection", padded(terms.advection, n));
  row.set("height_source", padded(terms.source, n));
  analysis::LineTransform line = analysis::line_transform(before, now, after, *source.coefficients);
  row.set("diffusion_spread", {line.diffusion_spread});
  row.set("transformed_residual", {line.residual});
  row.set("potential", padded(std::move(line.potential), n));
  row.set("transformed_height", padded(std::move(line.height), n));
  row.set("transformed_source", padded(std::move(line.source), n));
}

}  // namespace

std::vector<double> theory_row(const DeriveContext& context, const DeriveSource& source, std::size_t snapshot,
                               const TrackedSnapshot& ensemble, const SnapshotField& field) {
  const fp::Density& density = source.densities[snapshot];
  const FieldMoments moments = analysis::field_moments(density, *source.coefficients, context.operators.degree());
  const Projection projection = analysis::project(moments, context.operators, field.frame, field.motion);
  results::DerivedRow row(context.record);
  set_flow(row, projection, moments);
  set_coupling(context, moments, projection, field.frame, row);
  std::vector<double> change = fp::divergence(density, fp::probability_current(density, *source.coefficients));
  for (double& rate : change) rate = -rate;
  row.set("tangent_residual",
          analysis::tangent_residuals(density, change, context.operators, field.frame, context.record.truncations));
  set_heights(context, source, snapshot, row);
  set_kernel_heights(density, ensemble, row);
  if (density.dimension() > 2) return row.flat();
  set_n_point(context, source, density, moments, field.frame, row);
  set_fixed_point(context, source, density, moments.own, field.frame, row);
  return row.flat();
}

}  // namespace driftwood::app
