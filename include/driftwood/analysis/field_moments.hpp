#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <map>
#include <vector>

#include "driftwood/analysis/operators.hpp"
#include "driftwood/analysis/resampling.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/regression.hpp"

namespace driftwood::analysis {

/// Which means the flow of operators up to a degree needs, and where they stand in a row: <u^a> up to twice the degree,
/// <b_k u^a> and <D_kl u^a>, all in a field u = S^-1 (w - m): b of it is S^-1 b, D is S^-1 D S^-T.
class MomentLayout {
 public:
  /// Throws InternalError unless d = 1..4 and degree >= 1.
  MomentLayout(int dimension, int degree);

  int dimension() const { return dimension_; }
  int degree() const { return degree_; }
  std::size_t size() const { return size_; }
  /// Positions; throw InternalError for powers that are not there.
  std::size_t field(const Powers& powers) const;
  std::size_t drift(int axis, const Powers& powers) const;
  std::size_t diffusion(int axis, int other_axis, const Powers& powers) const;
  /// The numbers at one point that the means are of, to `row` (size() values). `drift`: d; `diffusion`: packed.
  void evaluate(std::span<const double> u, std::span<const double> drift, std::span<const double> diffusion,
                double* row) const;

 private:
  int dimension_;
  int degree_;
  std::size_t size_ = 0;
  std::vector<Powers> powers_;     ///< of degree 0 .. 2 degree, in order
  std::vector<std::size_t> from_;  ///< u^a = u_k u^(from)
  std::vector<int> by_;            ///< k
  std::map<Powers, std::size_t> index_;
  std::size_t n_drift_ = 0;      ///< powers with a drift
  std::size_t n_diffusion_ = 0;  ///< with a diffusion
};

/// Means over a density or an ensemble in its own standardised field: `own` has its mean and, on the diagonal, its
/// standard deviations.
struct FieldMoments {
  MomentLayout layout;
  fp::Frame own;
  std::vector<double> means;
  double reach = 0;  ///< largest |u_k| at which there is weight worth speaking of

  /// Growth rates of the own field (4.4): <b>, and d ln(std)/dt = (<(w_k - m_k) b_k> + <D_kk>) / variance, the
  /// anomalous dimension gamma (4.5) of a field that follows; 0 where there is no width.
  Eigen::VectorXd mean_rate() const;
  Eigen::VectorXd anomalous_dimension() const;
};

/// Of a solved density with the coefficients at its time, by values at the cells' centres: of second order in the
/// spacing. Throws InternalError where dimensions differ or there is no mass.
FieldMoments field_moments(const fp::Density& density, const fp::Coefficients& coefficients, int degree);
/// Of the replicas of an ensemble, each with its own drift and diffusion; no grid, any d = 1..4. Throws InternalError
/// for sizes that do not match and fewer than two replicas.
FieldMoments field_moments(const fp::RegressionData& replicas, int degree);
/// The same of the bootstrap's samples, in the field of the whole ensemble.
std::vector<FieldMoments> resampled_moments(const fp::RegressionData& replicas, const FieldMoments& whole,
                                            const Bootstrap& bootstrap);

}  // namespace driftwood::analysis
