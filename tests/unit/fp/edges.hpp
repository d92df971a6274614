#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/edge_rates.hpp"
#include "unit/fp/generator.hpp"

// Fields, their edges and rates, and what they are compared with.
namespace driftwood::fp::test {

using Values = std::vector<double>;
using Scalar = std::function<double(const Values&)>;
using Field = std::function<Values(const Values&)>;

/// A cell's centre.
inline Values centre(const Grid& grid, long cell) {
  Values z(grid.dimension());
  for (int k = grid.dimension() - 1; k >= 0; --k) {
    z[k] = grid.z_centre(k, static_cast<int>(cell % grid.cells[k]));
    cell /= grid.cells[k];
  }
  return z;
}

inline Values at_centres(const Grid& grid, const Scalar& f) {
  Values result;
  for (long cell = 0; cell < grid.n_cells(); ++cell) result.push_back(f(centre(grid, cell)));
  return result;
}

/// u and packed E on a range of cells.
inline CellCoefficients on(const Grid& grid, CellRange range, const Field& u, const Field& E) {
  CellCoefficients cells{range, {}, {}};
  for (long cell = range.first; cell < range.last(); ++cell) {
    const Values z = centre(grid, cell);
    const Values drift = u(z);
    const Values diffusion = E(z);
    cells.drift.insert(cells.drift.end(), drift.begin(), drift.end());
    cells.diffusion.insert(cells.diffusion.end(), diffusion.begin(), diffusion.end());
  }
  return cells;
}

inline CellRange all_of(const Grid& grid) {
  return {0, grid.n_cells()};
}

inline EdgeCoefficients edges_of(const Grid& grid, const Field& u, const Field& E) {
  return edge_coefficients(grid, all_of(grid), on(grid, all_of(grid), u, E));
}

inline EdgeRates rates_of(const Grid& grid, const EdgeCoefficients& edges, FluxKind flux, const Values& density) {
  return edge_rates(grid, edges, flux, density, all_of(grid));
}

inline Field constant(const Values& value) {
  return [value](const Values&) { return value; };
}

/// The derivative of f along an axis by differences of fourth order: its error, 1e-9, is far below every error tested.
inline double derivative(const Scalar& f, Values z, int axis) {
  constexpr double step = 4e-3;
  const double middle = z[axis];
  const auto at = [&](int i) {
    z[axis] = middle + i * step;
    return f(z);
  };
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
}

/// -d_i (u_i q) + d_i d_j (E_ij q), Ito's (4.2).
inline double exact_rate(const Field& u, const Field& E, const Scalar& q, const Values& z) {
  const int d = static_cast<int>(z.size());
  double sum = 0;
  for (int i = 0; i < d; ++i) {
    const Scalar minus_current = [&](const Values& x) {
      double current = -u(x)[i] * q(x);
      for (int j = 0; j < d; ++j)
        current += derivative([&](const Values& y) { return E(y)[packed_index(d, i, j)] * q(y); }, x, j);
      return current;
    };
    sum += derivative(minus_current, z, i);
  }
  return sum;
}

/// Largest |L q - exact| over the cells of the inner half of every axis, walls apart, on grids of `cells` an axis.
inline Values consistency_errors(const std::vector<int>& cells, int d, const Field& u, const Field& E, const Scalar& q,
                                 FluxKind flux) {
  Values errors;
  for (const int n : cells) {
    const Grid grid{std::vector<int>(d, n), 1.0};
    const EdgeCoefficients edges = edges_of(grid, u, E);
    EXPECT_EQ(edges.added_diffusion, 0);
    const Values density = at_centres(grid, q);
    const Values rate = test::apply(rates_of(grid, edges, flux, density), density);
    double error = 0;
    for (long cell = 0; cell < grid.n_cells(); ++cell) {
      const Values z = centre(grid, cell);
      if (std::any_of(z.begin(), z.end(), [](double x) { return std::abs(x) > 0.5; })) continue;
      error = std::max(error, std::abs(rate[cell] - exact_rate(u, E, q, z)));
    }
    errors.push_back(error);
  }
  return errors;
}

inline EdgeRates fourth_order_rates(const Grid& grid, const Field& u, const Field& E, const Values& density) {
  const CellRange all = all_of(grid);
  return rates_of(grid, edge_coefficients(grid, all, on(grid, all, u, E), {{}, true}), FluxKind::fourth_order, density);
}

/// Largest error of the fourth-order flux's rates in the middle of a plane, on grids of `cells` an axis.
inline Values fourth_order_errors(const std::vector<int>& cells, const Field& u, const Field& E, const Scalar& q) {
  Values errors;
  for (const int n : cells) {
    const Grid grid{{n, n}, 1.5};
    const Values density = at_centres(grid, q);
    const Values rate = test::apply(fourth_order_rates(grid, u, E, density), density);
    double error = 0;
    for (long cell = 0; cell < grid.n_cells(); ++cell) {
      const Values z = centre(grid, cell);
      if (std::max(std::abs(z[0]), std::abs(z[1])) > 0.7) continue;
      error = std::max(error, std::abs(rate[cell] - exact_rate(u, E, q, z)));
    }
    errors.push_back(error);
  }
  return errors;
}

inline double total(const Values& x) {
  return std::accumulate(x.begin(), x.end(), 0.0);
}

/// A drift and a full positive definite diffusion without any pattern.
inline CellCoefficients rough_coefficients(const Grid& grid, double drift, double diffusion) {
  const int d = grid.dimension();
  const auto n = static_cast<std::uint64_t>(grid.n_cells());
  CellCoefficients cells{all_of(grid), {}, {}};
  for (std::uint64_t cell = 0; cell < n; ++cell) {
    for (int i = 0; i < d; ++i) cells.drift.push_back(drift * (uniform(i, cell) - 0.5));
    for (int i = 0; i < d; ++i)
      for (int j = i; j < d; ++j) {
        double entry = i == j ? 0.01 : 0;
        for (int k = 0; k < d; ++k)
          entry += (uniform(10 + 4 * i + k, cell) - 0.5) * (uniform(10 + 4 * j + k, cell) - 0.5);
        cells.diffusion.push_back(diffusion * entry);
      }
  }
  return cells;
}

inline Values rough_density(const Grid& grid) {
  Values q;
  for (long cell = 0; cell < grid.n_cells(); ++cell) {
    const double u = uniform(50, static_cast<std::uint64_t>(cell));
    q.push_back(u < 0.2 ? 0 : std::pow(10, -30 * u * u));
  }
  return q;
}

inline std::vector<Grid> small_grids() {
  return {{{40}, 2.0}, {{12, 15}, 2.0}, {{7, 6, 8}, 2.0}};
}

}  // namespace driftwood::fp::test
