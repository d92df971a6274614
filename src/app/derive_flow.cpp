// Where the flow of couplings goes: by the beta functions from the first snapshot on, and to fixed points.
#include <algorithm>
#include <cmath>

#include "derive_rows.hpp"
#include "driftwood/analysis/resting_member.hpp"
#include "driftwood/fp/frame_motion.hpp"

namespace driftwood::app {

namespace {

using analysis::FieldMoments;
using analysis::Projection;
using Vector = Eigen::VectorXd;

/// Of a predicted density: what the box may hold at its edge.
constexpr double largest_edge_mass = 1e-4;

std::vector<double> list(const Vector& values) {
  return {values.data(), values.data() + values.size()};
}

/// Ends of a box, per axis.
struct Range {
  Vector low;
  Vector high;
};

/// Where a closure's densities are in the whole run: what their cells hold, and five widths.
Range range_of(const DeriveSource& source) {
  const int d = source.densities.front().dimension();
  Range range{Vector::Constant(d, 1e300), Vector::Constant(d, -1e300)};
  const auto include = [&](const Vector& w) {
    range.low = range.low.cwiseMin(w);
    range.high = range.high.cwiseMax(w);
  };
  for (const fp::Density& density : source.densities) {
    const Vector mean = density.mean();
    const Vector width = density.covariance().diagonal().cwiseSqrt();
    include(mean - 5 * width);
    include(mean + 5 * width);
    const std::vector<double> mass = density.masses();
    const double least = 1e-7 / static_cast<double>(mass.size());
    const std::vector<double> w = fp::cell_centres(density.grid, density.frame, {0, density.grid.n_cells()});
    for (std::size_t cell = 0; cell < mass.size(); ++cell)
      if (mass[cell] > least) include(Eigen::Map<const Vector>(&w[cell * d], d));
  }
  return range;
}

/// Whether the closure has its drift at w at this time, not continued from elsewhere.
bool is_known(const fp::Coefficients& coefficients, double time, const Vector& w) {
  const auto* tabulated = dynamic_cast<const fp::TabulatedCoefficients*>(&coefficients);
  if (tabulated == nullptr) return true;
  const std::vector<double>& times = tabulated->times();
  const auto nearest = std::min_element(times.begin(), times.end(),
                                        [&](double a, double b) { return std::abs(a - time) < std::abs(b - time); });
  const auto& nodes = tabulated->tables()[nearest - times.begin()].nodes;
  for (std::size_t k = 0; k < nodes.size(); ++k)
    if (!(w[k] >= nodes[k].front() && w[k] <= nodes[k].back())) return false;
  return true;
}

}  // namespace

void set_fixed_point(const DeriveContext& context, const DeriveSource& source, const fp::Density& density,
                     const fp::Frame& own, const fp::Frame& field, results::DerivedRow& row) {
  const auto rest = analysis::rest_of(*source.coefficients, density.time, own.centre, own.scale.diagonal(),
                                      [&](const Vector& w) { return is_known(*source.coefficients, density.time, w); });
  if (!rest) return;
  row.set("rest", list(rest->place));
  const auto point = analysis::resting_member(context.operators, field, *source.coefficients, density.time, *rest);
  if (!point) return;
  std::vector<double> real;
  std::vector<double> imaginary;
  for (const auto& eigenvalue : point->stability) {
    real.push_back(eigenvalue.real());
    imaginary.push_back(eigenvalue.imag());
  }
  if (point->coupling.size() > 0) row.set("fixed_point", list(point->coupling));
  row.set("fixed_point_mean", list(point->mean));
  row.set("fixed_point_std", list(point->covariance.diagonal().cwiseSqrt()));
  row.set("stability_real", real);
  row.set("stability_imaginary", imaginary);
}

std::vector<Vector> predicted_couplings(const DeriveContext& context, const DeriveSource& source,
                                        const std::vector<SnapshotField>& fields) {
  const Range range = range_of(source);
  const int d = static_cast<int>(range.low.size());
  constexpr double half = 5;
  const fp::Frame box{(range.low + range.high) / 2, ((range.high - range.low) / (2 * half)).asDiagonal()};
  fp::Grid grid;
  grid.cells.assign(d, d == 1 ? 800 : 64);
  grid.z_max = half;
  const analysis::ExponentialFamily family(context.operators, box, grid, box);
  const FieldMoments moments =
      analysis::field_moments(source.densities.front(), *source.coefficients, context.operators.degree());
  const Projection first = analysis::project(moments, context.operators, box, analysis::at_rest(d));
  const analysis::CouplingFit fit = family.fit(first.mean, first.score_coupling);
  std::vector<Vector> predicted;
  if (!fit.converged) return predicted;
  std::vector<double> times;
  for (const fp::Density& density : source.densities) times.push_back(density.time);
  const analysis::CouplingFlow flow = family.flow(fit.coupling, times, *source.coefficients);
  for (std::size_t s = 0; s < flow.couplings.size(); ++s) {
    // A density that leans on the box is the box's.
    if (family.edge_mass(flow.couplings[s]) > largest_edge_mass) return predicted;
    predicted.push_back(analysis::couplings_in_field(context.operators, flow.couplings[s], box, fields[s].frame));
    // Narrower than a few cells it is the grid's, no longer the flow's.
    const fp::Density density = family.density(flow.couplings[s], times[s]);
    for (int k = 0; k < d; ++k)
      if (std::sqrt(density.covariance()(k, k)) < 2 * grid.spacing(k) * box.scale(k, k)) return predicted;
  }
  return predicted;
}

}  // namespace driftwood::app
