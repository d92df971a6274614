#pragma once

#include <Eigen/Core>
#include <functional>
#include <span>
#include <vector>

#include "bench.hpp"
#include "driftwood/fp/exact_solutions.hpp"

namespace driftwood::app::verify {

/// One weight: drift b(t, w) and diffusion D(t, w) as functions.
class Line : public fp::Coefficients {
 public:
  using Function = std::function<double(double t, double w)>;
  Line(Function drift, Function diffusion) : drift_(std::move(drift)), diffusion_(std::move(diffusion)) {}
  int dimension() const override { return 1; }
  void evaluate(double t, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override;

 private:
  Function drift_;
  Function diffusion_;
};

/// Two weights.
class Plane : public fp::Coefficients {
 public:
  using Drift = std::function<Eigen::Vector2d(double t, const Eigen::Vector2d& w)>;
  using Diffusion = std::function<Eigen::Matrix2d(double t, const Eigen::Vector2d& w)>;
  Plane(Drift drift, Diffusion diffusion) : drift_(std::move(drift)), diffusion_(std::move(diffusion)) {}
  int dimension() const override { return 2; }
  void evaluate(double t, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override;

 private:
  Drift drift_;
  Diffusion diffusion_;
};

Line::Function constant(double value);

/// V = (w^2 - 1)^2 / 4 with constant D.
Line double_well(double diffusion);

/// [[1, .6, .2, -.1], [-.4, .8, .3, .2], [.1, -.5, 1.2, .4], [.3, .1, -.2, .9]] cut to d x d: rotating and not normal.
Eigen::MatrixXd reference_drift(int d);

fp::Gaussian line_gaussian(double mean, double std);

/// Steps of fixed length in the frame that follows the density.
fp_solver::SolveOptions fixed_steps(std::vector<int> cells, double step);
/// Steps of fixed length in a box in w at rest, `half_width` around the initial mean on every axis; its walls may be
/// felt. `std`: the initial density's, equal on every axis.
fp_solver::SolveOptions in_box(std::vector<int> cells, double step, const fp::InitialDensity& initial,
                               double half_width);

/// The moving frame for one and two weights; a box at rest, `half_width` around the origin, for more: there a box that
/// holds all of the tails leaves too few cells to the rest.
fp_solver::SolveOptions suited(int d, int n, double step, double half_width);

/// L1 distance to a function of w by its values at the cells' centres, and between two densities on the same cells.
double l1_error(const fp::Density& density, const fp::ScalarFunction& exact);
double l1_distance(const fp::Density& a, const fp::Density& b);

/// w at a cell's centre.
Eigen::VectorXd centre_of(const fp::Density& density, long cell);

/// int N(y; gaussian) kernel(x, y) dy for one weight, by the trapezoidal rule: what a Gaussian start becomes where the
/// density of a sharp start is known.
double smeared(const fp::Gaussian& gaussian, double x, const std::function<double(double x, double y)>& kernel);

}  // namespace driftwood::app::verify
