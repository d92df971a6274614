#include "kpz_equation.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/frame_motion.hpp"

namespace driftwood::fp_solver {

namespace {

/// The one number D of a diffusion tensor D I. Throws ConfigError where it is none.
double scalar_diffusion(const std::vector<double>& diffusion, int d) {
  const double value = diffusion.empty() ? 1 : diffusion.front();
  bool is_scalar = value > 0 && std::isfinite(value);
  for (std::size_t cell = 0; cell * packed_size(d) < diffusion.size(); ++cell)
    for (int i = 0; i < d; ++i)
      for (int j = i; j < d; ++j) {
        const double expected = i == j ? value : 0;
        const double entry = diffusion[cell * packed_size(d) + packed_index(d, i, j)];
        is_scalar = is_scalar && std::abs(entry - expected) <= 1e-12 * value;
      }
  if (!is_scalar) throw ConfigError("the KPZ equation (8.2) needs the same diffusion > 0 everywhere and on all axes");
  return value;
}

}  // namespace

KpzEquation::KpzEquation(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                         double time, const mpi::Communicator& communicator)
    : d_(grid.dimension()), n_cells_(grid.n_cells()) {
  if (d_ > 2 || coefficients.dimension() != d_ || frame.dimension() != d_ || !frame.is_diagonal() || !grid.is_uniform())
    throw InternalError("heights are solved on uniform grids in diagonal frames of one or two dimensions");
  if (grid.cells[0] < communicator.size()) throw ConfigError("the KPZ equation needs a layer of cells for every rank");
  for (int k = 0; k < d_; ++k) {
    cells_[k] = grid.cells[k];
    spacing_[k] = grid.spacing(k) * frame.scale(k, k);
  }
  stride_ = {d_ == 2 ? cells_[1] : 1, 1};
  const mpi::Share layers = mpi::share_of(cells_[0], communicator.rank(), communicator.size());
  first_ = layers.first * stride_[0];
  count_ = layers.count * stride_[0];
  mpi::agree(communicator, [&] { set_potential(coefficients, grid, frame, time); });
}

void KpzEquation::set_potential(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                                double time) {
  const std::vector<double> w = fp::cell_centres(grid, frame, {first_, count_});
  std::vector<double> drift(w.size());
  std::vector<double> diffusion(count_ * packed_size(d_));
  coefficients.evaluate(time, w, drift, diffusion);
  diffusion_ = scalar_diffusion(diffusion, d_);
  potential_.assign(count_, 0.0);
  wall_slope_.assign(count_ * d_ * 2, 0.0);
  for (long i = 0; i < count_; ++i)
    for (int k = 0; k < d_; ++k) potential_[i] += drift[i * d_ + k] * drift[i * d_ + k] / (4 * diffusion_);
  for (int k = 0; k < d_; ++k)
    for (int side = 0; side < 2; ++side) {
      std::vector<double> faces = w;
      for (long i = 0; i < count_; ++i) faces[i * d_ + k] += (side == 0 ? -0.5 : 0.5) * spacing_[k];
      coefficients.evaluate(time, faces, drift, diffusion);
      for (long i = 0; i < count_; ++i) {
        const double b = drift[i * d_ + k];
        potential_[i] += (side == 0 ? -b : b) / spacing_[k] / 2;
        wall_slope_[(i * d_ + k) * 2 + side] = b / (2 * diffusion_);
      }
    }
  for (const double value : potential_)
    if (!std::isfinite(value)) throw ConfigError("a drift is not finite in the box");
}

KpzEquation::Slopes KpzEquation::slopes(const double* height, long cell, int axis) const {
  const long index = cell / stride_[axis] % cells_[axis];
  const double* here = height + (cell - seen_from());
  const double* wall = &wall_slope_[((cell - first_) * d_ + axis) * 2];
  Slopes result;
  result.below = index == 0 ? wall[0] : (here[0] - here[-stride_[axis]]) / spacing_[axis];
  result.above = index == cells_[axis] - 1 ? wall[1] : (here[stride_[axis]] - here[0]) / spacing_[axis];
  return result;
}

void KpzEquation::rate(const double* height, double* result) const {
  for (long i = 0; i < count_; ++i) {
    double sum = -potential_[i];
    for (int k = 0; k < d_; ++k) {
      const Slopes s = slopes(height, first_ + i, k);
      sum += diffusion_ * ((s.above - s.below) / spacing_[k] + (s.above * s.above + s.below * s.below) / 2);
    }
    result[i] = sum;
  }
}

PetscErrorCode KpzEquation::jacobian(const double* height, double shift, Mat matrix) const {
  for (long i = 0; i < count_; ++i) {
    const auto row = static_cast<PetscInt>(first_ + i);
    std::array<PetscInt, 5> columns{row};
    std::array<double, 5> values{shift};
    PetscInt n = 1;
    for (int k = 0; k < d_; ++k) {
      const long index = (first_ + i) / stride_[k] % cells_[k];
      const Slopes s = slopes(height, first_ + i, k);
      const double h = spacing_[k];
      const double above = diffusion_ * (1 / h + s.above) / h;  // d rate / d height of the upper neighbour
      const double below = diffusion_ * (1 / h - s.below) / h;
      if (index < cells_[k] - 1) {
        values[0] += above;
        columns[n] = static_cast<PetscInt>(row + stride_[k]);
        values[n++] = -above;
      }
      if (index > 0) {
        values[0] += below;
        columns[n] = static_cast<PetscInt>(row - stride_[k]);
        values[n++] = -below;
      }
    }
    const PetscErrorCode code = MatSetValues(matrix, 1, &row, n, columns.data(), values.data(), INSERT_VALUES);
    if (code != 0) return code;
  }
  const PetscErrorCode code = MatAssemblyBegin(matrix, MAT_FINAL_ASSEMBLY);
  return code != 0 ? code : MatAssemblyEnd(matrix, MAT_FINAL_ASSEMBLY);
}

}  // namespace driftwood::fp_solver
