#include "driftwood/analysis/kpz.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/fp/products.hpp"

namespace driftwood::analysis {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using Values = std::vector<double>;

/// ln p, NaN below the floor.
Values heights(const fp::Density& density, double floor) {
  const double least = floor * *std::max_element(density.p.begin(), density.p.end());
  Values height(density.p.size(), nan);
  for (std::size_t cell = 0; cell < height.size(); ++cell)
    if (density.p[cell] > least) height[cell] = std::log(density.p[cell]);
  return height;
}

/// One component of values with `stride` of them a cell.
Values component(const Values& values, int stride, int which) {
  Values result(values.size() / stride);
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = values[i * stride + which];
  return result;
}

void add_product(const Values& a, const Values& b, double factor, Values& sum) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += factor * a[i] * b[i];
}

void add(const Values& a, double factor, Values& sum) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += factor * a[i];
}

/// A height between the cells' centres of a density, by cubics along every axis.
class HeightBetweenCells {
 public:
  HeightBetweenCells(const fp::Density& density, double floor) : density_(density), height_(heights(density, floor)) {}

  /// NaN outside the outermost centres, and where the floor is near.
  double at(std::span<const double> w) const {
    const int d = density_.dimension();
    const Eigen::VectorXd z = density_.frame.scale.triangularView<Eigen::Lower>().solve(
        Eigen::Map<const Eigen::VectorXd>(w.data(), d) - density_.frame.centre);
    std::array<std::array<double, 4>, 4> weight{};
    std::array<int, 4> first{};
    for (int k = 0; k < d; ++k)
      if (!place(k, z[k], first[k], weight[k])) return nan;
    double sum = 0;
    for (int corner = 0; corner < (1 << (2 * d)); ++corner) {
      double product = 1;
      long cell = 0;
      for (int k = 0; k < d; ++k) {
        const int j = (corner >> (2 * k)) & 3;
        product *= weight[k][j];
        cell = cell * density_.grid.cells[k] + first[k] + j;
      }
      if (product != 0) sum += product * height_[cell];
    }
    return sum;
  }

 private:
  /// The four layers around a place and Lagrange's weights of them.
  bool place(int axis, double z, int& first, std::array<double, 4>& weight) const {
    const fp::Grid& grid = density_.grid;
    const int n = grid.cells[axis];
    const double position = (grid.xi_of(z) + grid.z_max) / grid.spacing(axis) - 0.5;
    const double nearest = std::round(position);
    const double x = std::abs(position - nearest) < 1e-9 ? nearest : position;  // a cell's own value at its centre
    if (n < 4 || !(x >= 0 && x <= n - 1)) return false;
    first = std::clamp(static_cast<int>(x) - 1, 0, n - 4);
    for (int j = 0; j < 4; ++j) {
      weight[j] = 1;
      for (int other = 0; other < 4; ++other)
        if (other != j) weight[j] *= (x - first - other) / (j - other);
    }
    return true;
  }

  const fp::Density& density_;
  Values height_;
};

}  // namespace

HeightTerms height_terms(const fp::Density& density, const fp::Coefficients& coefficients, double floor) {
  const int d = density.dimension();
  if (coefficients.dimension() != d) throw InternalError("the density and its coefficients differ in dimension");
  const std::size_t n = density.p.size();
  const Values w = fp::cell_centres(density.grid, density.frame, {0, density.grid.n_cells()});
  Values drift(n * d);
  Values diffusion(n * packed_size(d));
  coefficients.evaluate(density.time, w, drift, diffusion);
  HeightTerms terms{heights(density, floor), Values(n), Values(n), Values(n), Values(n)};
  std::vector<Values> slope;
  for (int i = 0; i < d; ++i) slope.push_back(fp::derivative(density, i, terms.height));
  for (int i = 0; i < d; ++i) {
    const Values b = component(drift, d, i);
    Values velocity(n);
    add(b, -1, velocity);
    add(fp::derivative(density, i, b), -1, terms.source);
    for (int j = 0; j < d; ++j) {
      const Values tensor = component(diffusion, packed_size(d), packed_index(d, i, j));
      const Values change = fp::derivative(density, j, tensor);
      add(change, 2, velocity);
      add(fp::derivative(density, i, change), 1, terms.source);
      add_product(tensor, fp::derivative(density, j, slope[i]), 1, terms.diffusion);
      Values product(n);
      add_product(slope[i], slope[j], 1, product);
      add_product(tensor, product, 1, terms.growth);
    }
    add_product(velocity, slope[i], 1, terms.advection);
  }
  return terms;
}

std::vector<double> height_rate(const fp::Density& before, const fp::Density& now, const fp::Density& after,
                                double floor) {
  const double past = before.time - now.time;
  const double future = after.time - now.time;
  if (!(past < 0 && future > 0)) throw InternalError("a height's rate needs three ascending times");
  const int d = now.dimension();
  const Values w = fp::cell_centres(now.grid, now.frame, {0, now.grid.n_cells()});
  const Values height = heights(now, floor);
  const HeightBetweenCells earlier(before, floor);
  const HeightBetweenCells later(after, floor);
  Values rate(height.size(), nan);
  for (std::size_t cell = 0; cell < rate.size(); ++cell) {
    if (!std::isfinite(height[cell])) continue;
    const auto place = std::span(w).subspan(cell * d, d);
    // The slope at 0 of the parabola through (past, .), (0, .), (future, .).
    rate[cell] = earlier.at(place) * -future / (past * (past - future)) +
                 height[cell] * -(past + future) / (past * future) +
                 later.at(place) * -past / (future * (future - past));
  }
  return rate;
}

double HeightBalance::relative_residual() const {
  const double largest = std::max({rate, diffusion, growth, advection, source});
  return largest > 0 ? residual / largest : 0;
}

HeightBalance height_balance(const fp::Density& before, const fp::Density& now, const fp::Density& after,
                             const fp::Coefficients& coefficients, double floor) {
  const HeightTerms terms = height_terms(now, coefficients, floor);
  const Values rate = height_rate(before, now, after, floor);
  const Values masses = now.masses();
  HeightBalance sums;
  for (std::size_t cell = 0; cell < rate.size(); ++cell) {
    const double residual = rate[cell] - terms.rate(cell);
    if (!std::isfinite(residual)) continue;
    const double m = masses[cell];
    sums.mass += m;
    sums.rate += m * rate[cell] * rate[cell];
    sums.diffusion += m * terms.diffusion[cell] * terms.diffusion[cell];
    sums.growth += m * terms.growth[cell] * terms.growth[cell];
    sums.advection += m * terms.advection[cell] * terms.advection[cell];
    sums.source += m * terms.source[cell] * terms.source[cell];
    sums.residual += m * residual * residual;
  }
  for (double* sum : {&sums.rate, &sums.diffusion, &sums.growth, &sums.advection, &sums.source, &sums.residual})
    *sum = sums.mass > 0 ? std::sqrt(*sum / sums.mass) : nan;
  return sums;
}

std::vector<double> transformed_height(const fp::Density& density,
                                       const std::function<double(std::span<const double>)>& potential,
                                       double diffusion, double floor) {
  const int d = density.dimension();
  const Values w = fp::cell_centres(density.grid, density.frame, {0, density.grid.n_cells()});
  Values height = heights(density, floor);
  for (std::size_t cell = 0; cell < height.size(); ++cell)
    height[cell] += potential(std::span(w).subspan(cell * d, d)) / (2 * diffusion);
  return height;
}

LineTransform line_transform(const fp::Density& before, const fp::Density& now, const fp::Density& after,
                             const fp::Coefficients& coefficients, double floor) {
  if (now.dimension() != 1 || coefficients.dimension() != 1) throw InternalError("only a line's drift has a potential");
  const std::size_t n = now.p.size();
  const Values w = fp::cell_centres(now.grid, now.frame, {0, now.grid.n_cells()});
  Values drift(n);
  Values diffusion(n);
  coefficients.evaluate(now.time, w, drift, diffusion);
  const Values mass = now.masses();
  LineTransform result;
  double square = 0;
  for (std::size_t i = 0; i < n; ++i) {
    result.diffusion += mass[i] * diffusion[i];
    square += mass[i] * diffusion[i] * diffusion[i];
  }
  if (!(result.diffusion > 0)) return result;
  result.diffusion_spread = std::sqrt(std::max(0.0, square / std::pow(result.diffusion, 2) - 1));
  result.potential.assign(n, 0.0);
  for (std::size_t i = 1; i < n; ++i)
    result.potential[i] = result.potential[i - 1] - (drift[i] + drift[i - 1]) / 2 * (w[i] - w[i - 1]);
  const double origin = result.potential[std::max_element(now.p.begin(), now.p.end()) - now.p.begin()];
  for (double& value : result.potential) value -= origin;
  result.height = heights(now, floor);
  add(result.potential, 1 / (2 * result.diffusion), result.height);
  result.source.assign(n, 0.0);
  add_product(drift, drift, 1 / (4 * result.diffusion), result.source);
  add(fp::derivative(now, 0, drift), 0.5, result.source);
  const Values rate = height_rate(before, now, after, floor);
  const Values slope = fp::derivative(now, 0, result.height);
  const Values curvature = fp::derivative(now, 0, slope);
  double sum = 0;
  double of_rate = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double residual = rate[i] - result.diffusion * (curvature[i] + slope[i] * slope[i]) + result.source[i];
    if (!std::isfinite(residual)) continue;
    sum += mass[i] * residual * residual;
    of_rate += mass[i] * rate[i] * rate[i];
  }
  result.residual = of_rate > 0 ? std::sqrt(sum / of_rate) : nan;
  return result;
}

}  // namespace driftwood::analysis
