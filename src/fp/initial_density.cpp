#include "driftwood/fp/initial_density.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "cell_walk.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/fp/sums.hpp"

namespace driftwood::fp {

namespace {

/// P(a < standard normal < b), accurate in the tails.
double normal_probability(double a, double b) {
  const double s = std::numbers::sqrt2;
  if (a > 0) return (std::erfc(a / s) - std::erfc(b / s)) / 2;
  if (b < 0) return (std::erfc(-b / s) - std::erfc(-a / s)) / 2;
  return (std::erf(b / s) - std::erf(a / s)) / 2;
}

/// Adds the exact masses of a Gaussian with independent coordinates in a diagonal frame.
void add_exact(const InitialDensity::Component& component, const Grid& grid, const Frame& frame,
               std::vector<double>& mass) {
  const Gaussian& gaussian = component.gaussian;
  const auto line = at_layers(grid, [&](int k, int i) {
    const double std = std::sqrt(gaussian.covariance(k, k));
    const auto edge = [&](int at) {
      return (frame.centre[k] + frame.scale(k, k) * grid.z_edge(k, at) - gaussian.mean[k]) / std;
    };
    return normal_probability(edge(i), edge(i + 1));
  });
  for_dimension(grid.dimension(), [&](auto d) {
    for_each_cell<d>(grid, {0, grid.n_cells()}, [&](std::size_t cell, const auto& index) {
      double product = component.weight;
      for (int k = 0; k < d; ++k) product *= line[k][index[k]];
      mass[cell] += product;
    });
  });
}

/// Points and weights (they add up to 1) on [-1/2, 1/2].
struct Quadrature {
  std::vector<double> points;
  std::vector<double> weights;
};

/// `panels` times the Gauss rule of 1, 2 or 3 points.
Quadrature gauss_quadrature(int n_points, int panels) {
  const Quadrature one =
      n_points == 1   ? Quadrature{{0}, {1}}
      : n_points == 2 ? Quadrature{{-0.5 / std::sqrt(3), 0.5 / std::sqrt(3)}, {0.5, 0.5}}
                      : Quadrature{{-0.5 * std::sqrt(0.6), 0, 0.5 * std::sqrt(0.6)}, {5.0 / 18, 8.0 / 18, 5.0 / 18}};
  Quadrature all;
  for (int panel = 0; panel < panels; ++panel)
    for (int q = 0; q < n_points; ++q) {
      all.points.push_back((panel + 0.5 + one.points[q]) / panels - 0.5);
      all.weights.push_back(one.weights[q] / panels);
    }
  return all;
}

/// Masses of one Gaussian component by quadrature. Its exponent at z is -|y|^2 / 2 with y = A z + c, A lower
/// triangular.
template <int d>
class GaussianQuadrature {
 public:
  GaussianQuadrature(const InitialDensity::Component& component, const Grid& grid, const Frame& frame,
                     CellValue value) {
    const Eigen::LLT<Eigen::MatrixXd> factor(component.gaussian.covariance);
    const Eigen::MatrixXd to_standard = factor.matrixL().solve(frame.scale);
    const Eigen::VectorXd shift = factor.matrixL().solve(frame.centre - component.gaussian.mean);
    matrix_ = small_matrix<d>(to_standard);
    for (int k = 0; k < d; ++k) shift_[k] = shift[k];
    factor_ = component.weight * std::pow(2 * std::numbers::pi, -d / 2.0) * to_standard.diagonal().prod();
    for (int k = 0; k < d; ++k) add_axis(grid, k, to_standard.col(k).norm(), value);
  }

  double mass(const std::array<int, d>& index) const { return factor_ * sum<0>(index, shift_, 0); }

 private:
  /// Nodes along one axis, z and weight times dz / dxi.
  struct Axis {
    int per_cell = 1;
    std::vector<double> z;
    std::vector<double> weight;
  };

  /// `narrowness`: standard deviations of the Gaussian per unit of z.
  void add_axis(const Grid& grid, int k, double narrowness, CellValue value) {
    static constexpr int most_panels[] = {0, 64, 16, 4, 2};
    const double widest = grid.spacing(k) * grid.slope_at(grid.z_max);
    const int panels = std::clamp(static_cast<int>(std::ceil(widest * narrowness)), 1, most_panels[d]);
    const Quadrature rule =
        value == CellValue::centre ? gauss_quadrature(1, 1) : gauss_quadrature(d < 4 ? 3 : 2, panels);
    axes_[k].per_cell = static_cast<int>(rule.points.size());
    for (int i = 0; i < grid.cells[k]; ++i)
      for (std::size_t q = 0; q < rule.points.size(); ++q) {
        const double xi = grid.xi_centre(k, i) + rule.points[q] * grid.spacing(k);
        axes_[k].z.push_back(grid.z_of(xi));
        axes_[k].weight.push_back(rule.weights[q] * grid.spacing(k) * grid.slope_at(xi));
      }
  }

  /// The sum over the nodes of the axes k, k + 1, ..; `y` has the shares of the axes before, `square` = y_0^2 + .. +
  /// y_k-1^2.
  template <int k>
  double sum(const std::array<int, d>& index, const std::array<double, d>& y, double square) const {
    const Axis& axis = axes_[k];
    double total = 0;
    for (int q = index[k] * axis.per_cell; q < (index[k] + 1) * axis.per_cell; ++q) {
      std::array<double, d> next = y;
      for (int i = k; i < d; ++i) next[i] += matrix_[i][k] * axis.z[q];
      const double next_square = square + next[k] * next[k];
      if constexpr (k + 1 < d)
        total += axis.weight[q] * sum<k + 1>(index, next, next_square);
      else
        total += axis.weight[q] * std::exp(-next_square / 2);
    }
    return total;
  }

  SmallMatrix<d> matrix_{};
  std::array<double, d> shift_{};
  double factor_ = 0;
  std::array<Axis, d> axes_;
};

void add_quadrature(const InitialDensity::Component& component, const Grid& grid, const Frame& frame, CellValue value,
                    std::vector<double>& mass) {
  for_dimension(grid.dimension(), [&](auto d) {
    const GaussianQuadrature<d> quadrature(component, grid, frame, value);
    for_each_cell<d>(grid, {0, grid.n_cells()},
                     [&](std::size_t cell, const auto& index) { mass[cell] += quadrature.mass(index); });
  });
}

}  // namespace

GaussianValue::GaussianValue(const Gaussian& gaussian) : mean_(gaussian.mean), factor_(gaussian.covariance) {
  log_norm_ = -gaussian.dimension() / 2.0 * std::log(2 * std::numbers::pi);
  for (Eigen::Index k = 0; k < mean_.size(); ++k) log_norm_ -= std::log(factor_.matrixLLT()(k, k));
}

double GaussianValue::at(const Eigen::VectorXd& w) const {
  return std::exp(log_norm_ - factor_.matrixL().solve(w - mean_).squaredNorm() / 2);
}

double density_at(const Gaussian& gaussian, std::span<const double> w) {
  return GaussianValue(gaussian).at(Eigen::Map<const Eigen::VectorXd>(w.data(), gaussian.mean.size()));
}

InitialDensity::InitialDensity(const NormalDensity& normal) {
  const auto d = static_cast<Eigen::Index>(normal.mean.size());
  const Eigen::VectorXd std = Eigen::Map<const Eigen::VectorXd>(normal.std.data(), d);
  components.push_back({1.0,
                        {Eigen::Map<const Eigen::VectorXd>(normal.mean.data(), d),
                         std.array().square().matrix().asDiagonal().toDenseMatrix()}});
}

InitialDensity::InitialDensity(Gaussian gaussian) {
  components.push_back({1.0, std::move(gaussian)});
}

Eigen::VectorXd InitialDensity::mean() const {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(dimension());
  for (const Component& component : components) sum += component.weight * component.gaussian.mean;
  return sum;
}

Eigen::MatrixXd InitialDensity::covariance() const {
  const Eigen::VectorXd centre = mean();
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(dimension(), dimension());
  for (const Component& component : components) {
    const Eigen::VectorXd away = component.gaussian.mean - centre;
    sum += component.weight * (component.gaussian.covariance + away * away.transpose());
  }
  return sum;
}

double InitialDensity::at(std::span<const double> w) const {
  double sum = 0;
  for (const Component& component : components) sum += component.weight * density_at(component.gaussian, w);
  return sum;
}

std::vector<double> discretised_masses(const InitialDensity& initial, const Grid& grid, const Frame& frame,
                                       CellValue value) {
  std::vector<double> mass(grid.n_cells(), 0.0);
  for (const InitialDensity::Component& component : initial.components) {
    const bool is_product = frame.is_diagonal() && component.gaussian.covariance.isDiagonal(0.0);
    if (is_product && value == CellValue::average)
      add_exact(component, grid, frame, mass);
    else
      add_quadrature(component, grid, frame, value, mass);
  }
  const double total = pairwise_sum(mass);
  if (!(total > 1e-3)) throw ConfigError("the initial density lies outside the box");
  for (double& cell : mass) cell /= total;
  return mass;
}

Density discretise(const InitialDensity& initial, const Grid& grid, const Frame& frame, double time, CellValue value) {
  Density density = density_from_masses(time, grid, frame, discretised_masses(initial, grid, frame, value));
  density.value = value;
  return density;
}

}  // namespace driftwood::fp
