#pragma once

#include <Eigen/Core>
#include <cmath>
#include <functional>
#include <vector>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/exact_solutions.hpp"
#include "driftwood/fp_solver/solver.hpp"

namespace driftwood::fp_solver {

/// One weight, drift b(t, w) and diffusion D(t, w) given as functions.
class Line : public fp::Coefficients {
 public:
  using Function = std::function<double(double, double)>;
  Line(Function drift, Function diffusion) : drift_(std::move(drift)), diffusion_(std::move(diffusion)) {}
  int dimension() const override { return 1; }
  void evaluate(double t, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    for (std::size_t i = 0; i < w.size(); ++i) {
      drift[i] = drift_(t, w[i]);
      diffusion[i] = diffusion_(t, w[i]);
    }
  }

 private:
  Function drift_;
  Function diffusion_;
};

inline fp::Gaussian gaussian_of(const fp::NormalDensity& normal) {
  const auto d = static_cast<Eigen::Index>(normal.mean.size());
  fp::Gaussian gaussian{Eigen::Map<const Eigen::VectorXd>(normal.mean.data(), d), Eigen::MatrixXd::Zero(d, d)};
  for (Eigen::Index k = 0; k < d; ++k) gaussian.covariance(k, k) = std::pow(normal.std[k], 2);
  return gaussian;
}

/// The drift matrix of the project's reference problems, cut to d x d: not symmetric, rotating.
inline Eigen::MatrixXd reference_drift(int d) {
  Eigen::MatrixXd a(4, 4);
  a << 1, .6, .2, -.1, -.4, .8, .3, .2, .1, -.5, 1.2, .4, .3, .1, -.2, .9;
  return a.topLeftCorner(d, d);
}

/// Steps of fixed length.
inline SolveOptions fixed_steps(std::vector<int> cells, double step) {
  SolveOptions options;
  options.cells = std::move(cells);
  options.tolerance = 0;
  options.max_step = step;
  return options;
}

/// Strang splitting on n^d cells, few of them: the box need not hold the density's last 1e-5.
inline SolveOptions few_cells(int d, int n, fp::FluxKind flux, fp::FrameKind frame) {
  SolveOptions options;
  options.cells.assign(d, n);
  options.z_max = 5;
  options.support_tail = 1e-5;
  options.max_wall_mass = 1e-4;
  options.tolerance = 1e-3;
  options.time_scheme = TimeScheme::strang;
  options.flux = flux;
  options.frame = frame;
  return options;
}

/// Orders of convergence between successive errors, at resolutions n.
inline std::vector<double> orders(const std::vector<int>& n, const std::vector<double>& errors) {
  std::vector<double> result;
  for (std::size_t i = 0; i + 1 < errors.size(); ++i)
    result.push_back(std::log(errors[i] / errors[i + 1]) / std::log(static_cast<double>(n[i + 1]) / n[i]));
  return result;
}

inline double l1_distance(const fp::Density& a, const fp::Density& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.p.size(); ++i) sum += std::abs(a.p[i] - b.p[i]);
  return sum * a.cell_volume();
}

}  // namespace driftwood::fp_solver
