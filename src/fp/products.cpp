#include "driftwood/fp/products.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"

namespace driftwood::fp {

namespace {

/// Index along every axis and z of a cell's centre.
struct Place {
  std::array<int, 4> index{};
  Eigen::VectorXd z;
};

Place place_of(const Grid& grid, long cell) {
  Place place;
  place.z.resize(grid.dimension());
  for (int k = grid.dimension() - 1; k >= 0; --k) {
    place.index[k] = static_cast<int>(cell % grid.cells[k]);
    place.z[k] = grid.z_centre(k, place.index[k]);
    cell /= grid.cells[k];
  }
  return place;
}

/// w at all cells' centres, n_cells x d.
std::vector<double> centres_of(const Density& density) {
  const int d = density.dimension();
  std::vector<double> w(static_cast<std::size_t>(density.grid.n_cells()) * d);
  for (long cell = 0; cell < density.grid.n_cells(); ++cell)
    Eigen::Map<Eigen::VectorXd>(&w[cell * d], d) =
        density.frame.centre + density.frame.scale * place_of(density.grid, cell).z;
  return w;
}

/// Drift (n_cells x d) and diffusion (n_cells x packed) at all cells.
struct CellValues {
  std::vector<double> w;
  std::vector<double> drift;
  std::vector<double> diffusion;
};

CellValues evaluate(const Density& density, const Coefficients& coefficients) {
  const int d = density.dimension();
  if (coefficients.dimension() != d) throw InternalError("the density and its coefficients differ in dimension");
  CellValues values{centres_of(density), {}, {}};
  const auto n = static_cast<std::size_t>(density.grid.n_cells());
  values.drift.resize(n * d);
  values.diffusion.resize(n * packed_size(d));
  coefficients.evaluate(density.time, values.w, values.drift, values.diffusion);
  return values;
}

/// Weights of the values at three places for the derivative at `x`, of second order for any places.
std::array<double, 3> difference_weights(double x, const std::array<double, 3>& at) {
  std::array<double, 3> weight{};
  for (int i = 0; i < 3; ++i) {
    const double a = at[(i + 1) % 3];
    const double b = at[(i + 2) % 3];
    weight[i] = (2 * x - a - b) / ((at[i] - a) * (at[i] - b));
  }
  return weight;
}

/// df/dz along one axis at all cells from the values of the cells, `stride` apart.
std::vector<double> derivative_along(const Grid& grid, int axis, std::span<const double> f) {
  const int n = grid.cells[axis];
  if (n < 3) throw InternalError("derivatives need three cells an axis");
  long stride = 1;
  for (int k = axis + 1; k < grid.dimension(); ++k) stride *= grid.cells[k];
  std::vector<std::array<double, 3>> weights;
  for (int i = 0; i < n; ++i) {
    const int middle = std::clamp(i, 1, n - 2);
    weights.push_back(difference_weights(
        grid.z_centre(axis, i),
        {grid.z_centre(axis, middle - 1), grid.z_centre(axis, middle), grid.z_centre(axis, middle + 1)}));
  }
  std::vector<double> result(f.size());
  for (std::size_t cell = 0; cell < f.size(); ++cell) {
    const int i = static_cast<int>((static_cast<long>(cell) / stride) % n);
    const double* middle = &f[cell] + (std::clamp(i, 1, n - 2) - i) * stride;
    result[cell] = weights[i][0] * middle[-stride] + weights[i][1] * middle[0] + weights[i][2] * middle[stride];
  }
  return result;
}

/// Adds sign * df/dw_axis to `sum`: dz/dw = S^-1.
void add_derivative(const Density& density, int axis, std::span<const double> f, double sign,
                    std::vector<double>& sum) {
  const int d = density.dimension();
  const Eigen::MatrixXd inverse =
      density.frame.scale.triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(d, d));
  for (int k = 0; k < d; ++k) {
    if (inverse(k, axis) == 0) continue;
    const std::vector<double> along = derivative_along(density.grid, k, f);
    for (std::size_t cell = 0; cell < sum.size(); ++cell) sum[cell] += sign * inverse(k, axis) * along[cell];
  }
}

/// One component of a field of `stride` components.
std::vector<double> component(std::span<const double> field, int stride, int which) {
  std::vector<double> values(field.size() / stride);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = field[i * stride + which];
  return values;
}

void require_current(const Density& density, std::span<const double> current) {
  if (current.size() != density.p.size() * density.dimension())
    throw InternalError("a current has d components at every cell");
}

/// p ln p, 0 at 0.
double p_log(double p) {
  return p > 0 ? p * std::log(p) : 0.0;
}

}  // namespace

std::vector<double> derivative(const Density& density, int axis, std::span<const double> f) {
  if (f.size() != density.p.size()) throw InternalError("a derivative needs one value at every cell");
  std::vector<double> result(f.size(), 0.0);
  add_derivative(density, axis, f, 1, result);
  return result;
}

std::vector<double> probability_current(const Density& density, const Coefficients& coefficients) {
  const int d = density.dimension();
  const CellValues values = evaluate(density, coefficients);
  const std::size_t n = density.p.size();
  std::vector<double> current(n * d);
  for (int i = 0; i < d; ++i) {
    std::vector<double> sum(n);
    for (std::size_t cell = 0; cell < n; ++cell) sum[cell] = values.drift[cell * d + i] * density.p[cell];
    for (int j = 0; j < d; ++j) {
      std::vector<double> product = component(values.diffusion, packed_size(d), packed_index(d, i, j));
      for (std::size_t cell = 0; cell < n; ++cell) product[cell] *= density.p[cell];
      add_derivative(density, j, product, -1, sum);
    }
    for (std::size_t cell = 0; cell < n; ++cell) current[cell * d + i] = sum[cell];
  }
  return current;
}

std::vector<double> divergence(const Density& density, std::span<const double> current) {
  require_current(density, current);
  const int d = density.dimension();
  std::vector<double> sum(density.p.size(), 0.0);
  for (int i = 0; i < d; ++i) add_derivative(density, i, component(current, d, i), 1, sum);
  return sum;
}

std::vector<double> curl(const Density& density, std::span<const double> current) {
  if (density.dimension() != 2) throw InternalError("the curl is for two weights");
  require_current(density, current);
  std::vector<double> sum(density.p.size(), 0.0);
  add_derivative(density, 0, component(current, 2, 1), 1, sum);
  add_derivative(density, 1, component(current, 2, 0), -1, sum);
  return sum;
}

double mean_of(const Density& density, const ScalarFunction& f) {
  const int d = density.dimension();
  const std::vector<double> w = centres_of(density);
  const std::vector<double> mass = density.masses();
  double sum = 0;
  for (std::size_t cell = 0; cell < mass.size(); ++cell)
    if (mass[cell] != 0) sum += mass[cell] * f(std::span(w).subspan(cell * d, d));
  return sum / density.mass();
}

double entropy(const Density& density) {
  const std::vector<double> volume = density.cell_volumes();
  double sum = 0;
  for (std::size_t cell = 0; cell < volume.size(); ++cell) sum -= volume[cell] * p_log(density.p[cell]);
  return sum;
}

double free_energy(const Density& density, const ScalarFunction& potential, double temperature) {
  return density.mass() * mean_of(density, potential) - temperature * entropy(density);
}

double kullback_leibler(const Density& p, const Density& q) {
  const bool is_same = p.grid.cells == q.grid.cells && p.grid.z_max == q.grid.z_max &&
                       p.grid.stretching == q.grid.stretching && p.frame.centre == q.frame.centre &&
                       p.frame.scale == q.frame.scale;
  if (!is_same) throw InternalError("densities are compared on one grid in one frame");
  const std::vector<double> mass = p.masses();
  double sum = 0;
  for (std::size_t cell = 0; cell < mass.size(); ++cell) {
    if (mass[cell] <= 0) continue;
    if (q.p[cell] <= 0) return std::numeric_limits<double>::infinity();
    sum += mass[cell] * std::log(p.p[cell] / q.p[cell]);
  }
  return sum;
}

Moments moments(const Density& density) {
  const int d = density.dimension();
  const std::vector<double> w = centres_of(density);
  const std::vector<double> mass = density.masses();
  Moments sum{Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Zero(d, d)};
  double total = 0;
  for (std::size_t cell = 0; cell < mass.size(); ++cell) {
    const Eigen::Map<const Eigen::VectorXd> x(&w[cell * d], d);
    total += mass[cell];
    sum.first += mass[cell] * x;
    sum.second += mass[cell] * x * x.transpose();
  }
  return {sum.first / total, sum.second / total};
}

Moments moment_right_sides(const Density& density, const Coefficients& coefficients) {
  const int d = density.dimension();
  const CellValues values = evaluate(density, coefficients);
  const std::vector<double> mass = density.masses();
  Moments sum{Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Zero(d, d)};
  double total = 0;
  for (std::size_t cell = 0; cell < mass.size(); ++cell) {
    const Eigen::Map<const Eigen::VectorXd> x(&values.w[cell * d], d);
    const Eigen::Map<const Eigen::VectorXd> b(&values.drift[cell * d], d);
    const auto packed = std::span(values.diffusion).subspan(cell * packed_size(d), packed_size(d));
    total += mass[cell];
    sum.first += mass[cell] * b;
    sum.second += mass[cell] * (x * b.transpose() + b * x.transpose() + 2 * unpack_symmetric(d, packed));
  }
  return {sum.first / total, sum.second / total};
}

Moments moment_defects(const Density& earlier, const Density& later, const Coefficients& coefficients) {
  const double dt = later.time - earlier.time;
  if (!(dt > 0)) throw InternalError("moment equations are checked between an earlier and a later density");
  const Moments before = moments(earlier);
  const Moments after = moments(later);
  const Moments rate0 = moment_right_sides(earlier, coefficients);
  const Moments rate1 = moment_right_sides(later, coefficients);
  return {(after.first - before.first) / dt - (rate0.first + rate1.first) / 2,
          (after.second - before.second) / dt - (rate0.second + rate1.second) / 2};
}

}  // namespace driftwood::fp
