#include "driftwood/analysis/field_moments.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/frame_motion.hpp"

namespace driftwood::analysis {

namespace {

constexpr long block = 256;
/// Cells that together hold less than this do not count for the reach.
constexpr double negligible_mass = 1e-7;

/// One point's u, drift and diffusion in a diagonal field.
class PointInField {
 public:
  PointInField(const MomentLayout& layout, const fp::Frame& own)
      : layout_(layout),
        own_(own),
        u_(layout.dimension()),
        drift_(layout.dimension()),
        diffusion_(packed_size(layout.dimension())) {}

  void evaluate(const double* w, const double* drift, const double* diffusion, double* row) {
    const int d = layout_.dimension();
    for (int i = 0; i < d; ++i) {
      u_[i] = (w[i] - own_.centre[i]) / own_.scale(i, i);
      drift_[i] = drift[i] / own_.scale(i, i);
      for (int j = i; j < d; ++j) {
        const int at = packed_index(d, i, j);
        diffusion_[at] = diffusion[at] / (own_.scale(i, i) * own_.scale(j, j));
      }
    }
    layout_.evaluate(u_, drift_, diffusion_, row);
  }
  double largest() const {
    double largest = 0;
    for (const double u : u_) largest = std::max(largest, std::abs(u));
    return largest;
  }

 private:
  const MomentLayout& layout_;
  const fp::Frame& own_;
  std::vector<double> u_;
  std::vector<double> drift_;
  std::vector<double> diffusion_;
};

/// The field with this mean and these variances; a coordinate that does not spread keeps its unit.
fp::Frame standardised(const Eigen::VectorXd& mean, const Eigen::VectorXd& variance) {
  fp::Frame own{mean, Eigen::MatrixXd::Identity(mean.size(), mean.size())};
  for (Eigen::Index k = 0; k < mean.size(); ++k) {
    const double width = std::sqrt(std::max(variance[k], 0.0));
    if (width > 1e-12 * (1 + std::abs(mean[k]))) own.scale(k, k) = width;
  }
  return own;
}

void require_rows(const fp::RegressionData& replicas) {
  const auto n = static_cast<std::size_t>(replicas.size());
  const int d = replicas.dimension;
  if (n < 2 || replicas.w.size() != n * d || replicas.drift.size() != n * d ||
      replicas.diffusion.size() != n * packed_size(d))
    throw InternalError("the moments of an ensemble need two replicas, with a drift and a diffusion each");
}

fp::Frame own_field(const fp::RegressionData& replicas) {
  const int d = replicas.dimension;
  const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> w(replicas.w.data(),
                                                                                                   replicas.size(), d);
  const Eigen::VectorXd mean = w.colwise().mean();
  const Eigen::VectorXd variance = (w.rowwise() - mean.transpose()).array().square().colwise().mean();
  return standardised(mean, variance);
}

}  // namespace

Eigen::VectorXd FieldMoments::mean_rate() const {
  const int d = layout.dimension();
  Eigen::VectorXd rate(d);
  for (int k = 0; k < d; ++k) rate[k] = own.scale(k, k) * means[layout.drift(k, Powers{})];
  return rate;
}

Eigen::VectorXd FieldMoments::anomalous_dimension() const {
  const int d = layout.dimension();
  Eigen::VectorXd gamma(d);
  for (int k = 0; k < d; ++k) {
    Powers one{};
    one[k] = 1;
    Powers two{};
    two[k] = 2;
    const double mean = means[layout.field(one)];
    const double variance = means[layout.field(two)] - mean * mean;
    const double growth =
        means[layout.drift(k, one)] - mean * means[layout.drift(k, Powers{})] + means[layout.diffusion(k, k, Powers{})];
    gamma[k] = variance > 0 ? growth / variance : 0;
  }
  return gamma;
}

FieldMoments field_moments(const fp::Density& density, const fp::Coefficients& coefficients, int degree) {
  const int d = density.dimension();
  if (coefficients.dimension() != d) throw InternalError("the density and its coefficients differ in dimension");
  const double mass = density.mass();
  if (!(mass > 0)) throw InternalError("there is no mass to take moments of");
  const MomentLayout layout(d, degree);
  FieldMoments result{layout, standardised(density.mean(), density.covariance().diagonal()), {}, 0};
  result.means.assign(layout.size(), 0.0);
  const std::vector<double> masses = density.masses();
  const double smallest = negligible_mass / static_cast<double>(masses.size());
  PointInField point(layout, result.own);
  std::vector<double> row(layout.size());
  std::vector<double> drift(block * d);
  std::vector<double> diffusion(block * packed_size(d));
  for (long first = 0; first < density.grid.n_cells(); first += block) {
    const long n = std::min(block, density.grid.n_cells() - first);
    const std::vector<double> w = fp::cell_centres(density.grid, density.frame, {first, n});
    coefficients.evaluate(density.time, w, std::span(drift).first(n * d),
                          std::span(diffusion).first(n * packed_size(d)));
    for (long i = 0; i < n; ++i) {
      const double weight = masses[first + i] / mass;
      if (!(weight > 0)) continue;
      point.evaluate(&w[i * d], &drift[i * d], &diffusion[i * packed_size(d)], row.data());
      for (std::size_t k = 0; k < row.size(); ++k) result.means[k] += weight * row[k];
      if (weight > smallest) result.reach = std::max(result.reach, point.largest());
    }
  }
  return result;
}

FieldMoments field_moments(const fp::RegressionData& replicas, int degree) {
  require_rows(replicas);
  const int d = replicas.dimension;
  const MomentLayout layout(d, degree);
  FieldMoments result{layout, own_field(replicas), {}, 0};
  result.means.assign(layout.size(), 0.0);
  PointInField point(layout, result.own);
  std::vector<double> row(layout.size());
  for (long r = 0; r < replicas.size(); ++r) {
    point.evaluate(&replicas.w[r * d], &replicas.drift[r * d], &replicas.diffusion[r * packed_size(d)], row.data());
    for (std::size_t k = 0; k < row.size(); ++k) result.means[k] += row[k];
    result.reach = std::max(result.reach, point.largest());
  }
  for (double& mean : result.means) mean /= static_cast<double>(replicas.size());
  return result;
}

std::vector<FieldMoments> resampled_moments(const fp::RegressionData& replicas, const FieldMoments& whole,
                                            const Bootstrap& bootstrap) {
  require_rows(replicas);
  const int d = replicas.dimension;
  if (replicas.size() != bootstrap.size()) throw InternalError("a bootstrap of other replicas");
  const MomentLayout& layout = whole.layout;
  const auto n_samples = static_cast<Eigen::Index>(bootstrap.n_samples());
  // Sums of the samples: counts^T rows, some replicas at a time.
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(layout.size()), n_samples);
  PointInField point(layout, whole.own);
  for (long first = 0; first < replicas.size(); first += block) {
    const long n = std::min(block, replicas.size() - first);
    Eigen::MatrixXd rows(static_cast<Eigen::Index>(layout.size()), n);
    Eigen::MatrixXd counts(n, n_samples);
    for (long i = 0; i < n; ++i) {
      const long r = first + i;
      point.evaluate(&replicas.w[r * d], &replicas.drift[r * d], &replicas.diffusion[r * packed_size(d)],
                     rows.col(i).data());
      const auto own = bootstrap.counts(static_cast<int>(r));
      for (Eigen::Index sample = 0; sample < n_samples; ++sample) counts(i, sample) = own[sample];
    }
    sums += rows * counts;
  }
  std::vector<FieldMoments> results(n_samples, FieldMoments{layout, whole.own, {}, whole.reach});
  for (Eigen::Index sample = 0; sample < n_samples; ++sample) {
    const Eigen::VectorXd means = sums.col(sample) / static_cast<double>(replicas.size());
    results[sample].means.assign(means.data(), means.data() + means.size());
  }
  return results;
}

}  // namespace driftwood::analysis
