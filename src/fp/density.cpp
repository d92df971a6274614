#include "driftwood/fp/density.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

namespace {

/// Calls `visit(cell, z)` with the centre of every cell, in natural order.
template <class Visit>
void for_each_cell(const Grid& grid, Visit&& visit) {
  const int d = grid.dimension();
  std::vector<int> index(d, 0);
  Eigen::VectorXd z(d);
  for (int k = 0; k < d; ++k) z[k] = grid.z_centre(k, 0);
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    visit(cell, z);
    for (int k = d - 1; k >= 0; --k) {
      index[k] = index[k] + 1 == grid.cells[k] ? 0 : index[k] + 1;
      z[k] = grid.z_centre(k, index[k]);
      if (index[k] != 0) break;
    }
  }
}

}  // namespace

long Grid::n_cells() const {
  return std::accumulate(cells.begin(), cells.end(), 1L, std::multiplies<>());
}

double Density::cell_volume() const {
  double volume = std::abs(frame.scale.determinant());
  for (int k = 0; k < dimension(); ++k) volume *= grid.spacing(k);
  return volume;
}

double Density::mass() const {
  return std::accumulate(p.begin(), p.end(), 0.0) * cell_volume();
}

Eigen::VectorXd Density::mean() const {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(dimension());
  for_each_cell(grid, [&](long cell, const Eigen::VectorXd& z) { sum += p[cell] * z; });
  return frame.centre + frame.scale * sum * cell_volume();
}

Eigen::MatrixXd Density::covariance() const {
  const int d = dimension();
  const double volume = cell_volume();
  const Eigen::VectorXd middle = frame.scale.triangularView<Eigen::Lower>().solve(mean() - frame.centre);
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(d, d);
  for_each_cell(grid, [&](long cell, const Eigen::VectorXd& z) {
    sum += p[cell] * volume * (z - middle) * (z - middle).transpose();
  });
  for (int k = 0; k < d; ++k) sum(k, k) += std::pow(grid.spacing(k), 2) / 12;
  return frame.scale * sum * frame.scale.transpose();
}

double Marginal::mean() const {
  double sum = 0;
  for (std::size_t i = 0; i < mass.size(); ++i) sum += mass[i] * (edges[i] + edges[i + 1]) / 2;
  return sum;
}

namespace {

/// Central moments 2, 3, 4 of a piecewise uniform distribution.
struct CentralMoments {
  double second = 0;
  double third = 0;
  double fourth = 0;
};

CentralMoments central_moments(const Marginal& marginal) {
  const double mean = marginal.mean();
  CentralMoments sum;
  for (std::size_t i = 0; i < marginal.mass.size(); ++i) {
    const double x = (marginal.edges[i] + marginal.edges[i + 1]) / 2 - mean;
    const double w2 = std::pow(marginal.edges[i + 1] - marginal.edges[i], 2);
    sum.second += marginal.mass[i] * (x * x + w2 / 12);
    sum.third += marginal.mass[i] * x * (x * x + w2 / 4);
    sum.fourth += marginal.mass[i] * (x * x * (x * x + w2 / 2) + w2 * w2 / 80);
  }
  return sum;
}

}  // namespace

double Marginal::variance() const {
  return central_moments(*this).second;
}

double Marginal::skewness() const {
  const CentralMoments moments = central_moments(*this);
  return moments.third / std::pow(moments.second, 1.5);
}

double Marginal::kurtosis() const {
  const CentralMoments moments = central_moments(*this);
  return moments.fourth / (moments.second * moments.second);
}

double Marginal::cumulative(double x) const {
  double sum = 0;
  for (std::size_t i = 0; i < mass.size() && edges[i] < x; ++i)
    sum += mass[i] * std::min(1.0, (x - edges[i]) / (edges[i + 1] - edges[i]));
  return sum;
}

Marginal marginal(const Density& density, int axis) {
  if (!density.frame.is_diagonal()) throw InternalError("marginals need a diagonal frame");
  const Grid& grid = density.grid;
  const int n = grid.cells[axis];
  Marginal result;
  result.mass.assign(n, 0.0);
  long inner = 1;
  for (int k = axis + 1; k < grid.dimension(); ++k) inner *= grid.cells[k];
  for (long cell = 0; cell < grid.n_cells(); ++cell) result.mass[(cell / inner) % n] += density.p[cell];
  const double volume = density.cell_volume();
  for (double& mass : result.mass) mass *= volume;
  const double scale = density.frame.scale(axis, axis);
  for (int i = 0; i <= n; ++i)
    result.edges.push_back(density.frame.centre[axis] + scale * (-grid.z_max + i * grid.spacing(axis)));
  return result;
}

std::vector<double> draw(const Density& density, long n, const CounterRandom& random, std::uint32_t step) {
  const Grid& grid = density.grid;
  const int d = grid.dimension();
  std::vector<double> cumulative(density.p.size());
  std::partial_sum(density.p.begin(), density.p.end(), cumulative.begin());
  std::vector<double> w(static_cast<std::size_t>(n) * d);
  const auto uniform = [&](int number, long r) {
    return random.uniform(RandomPurpose::theory_draw, static_cast<std::uint32_t>(number), step,
                          static_cast<std::uint64_t>(r));
  };
  for (long r = 0; r < n; ++r) {
    const double level = uniform(0, r) * cumulative.back();
    // The first cell whose cumulative mass reaches the level: never an empty one.
    long rest = std::lower_bound(cumulative.begin(), cumulative.end(), level) - cumulative.begin();
    Eigen::VectorXd z(d);
    for (int k = d - 1; k >= 0; --k) {
      z[k] = -grid.z_max + (static_cast<double>(rest % grid.cells[k]) + uniform(k + 1, r)) * grid.spacing(k);
      rest /= grid.cells[k];
    }
    Eigen::Map<Eigen::VectorXd>(&w[r * d], d) = density.frame.centre + density.frame.scale * z;
  }
  return w;
}

}  // namespace driftwood::fp
