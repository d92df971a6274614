#include "frozen_generator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/fp/frame_motion.hpp"

namespace driftwood::fp_solver {

namespace {

using petsc::check;

/// Drift and diffusion in z around the owned cells. Throws ConfigError where they are not finite.
fp::CellCoefficients evaluate(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                              double time, fp::CellRange owned) {
  const int d = grid.dimension();
  fp::CellCoefficients cells;
  cells.range = owned.count > 0 ? fp::with_halo(grid, owned) : owned;
  const std::vector<double> w = fp::cell_centres(grid, frame, cells.range);
  cells.drift.resize(w.size());
  cells.diffusion.resize(static_cast<std::size_t>(cells.range.count) * packed_size(d));
  coefficients.evaluate(time, w, cells.drift, cells.diffusion);
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(cells.drift.begin(), cells.drift.end(), finite) ||
      !std::all_of(cells.diffusion.begin(), cells.diffusion.end(), finite))
    throw ConfigError("a drift or a diffusion is not finite in the box");
  const fp::FrameMotion rest{Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Zero(d, d)};
  fp::to_frame(grid, frame, rest, cells);
  return cells;
}

}  // namespace

FrozenGenerator::FrozenGenerator(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                                 double time, std::span<const fp::Wall> walls, const mpi::Communicator& communicator)
    : communicator_(communicator), n_cells_(grid.n_cells()) {
  if (coefficients.dimension() != grid.dimension() || frame.dimension() != grid.dimension())
    throw InternalError("coefficients, grid and frame differ in dimension");
  const mpi::Share share = mpi::share_of(n_cells_, communicator.rank(), communicator.size());
  owned_ = {share.first, share.count};
  fp::CellCoefficients cells;
  mpi::agree(communicator, [&] {
    cells = evaluate(coefficients, grid, frame, time, owned_);
    const fp::EdgeCoefficients edges = fp::edge_coefficients(grid, owned_, cells, {walls});
    rates_ = fp::edge_rates(grid, edges, fp::FluxKind::chang_cooper, {}, {});
  });
  set_diffusive_rate(grid, cells);
  assemble();
}

void FrozenGenerator::set_diffusive_rate(const fp::Grid& grid, const fp::CellCoefficients& coefficients) {
  const int d = grid.dimension();
  const double length = 2 * grid.z_max;
  std::vector<double> sums(2 * d, 0.0);
  for (long i = owned_.first - coefficients.range.first; i < owned_.last() - coefficients.range.first; ++i)
    for (int k = 0; k < d; ++k) {
      sums[k] += coefficients.diffusion[i * packed_size(d) + packed_index(d, k, k)];
      sums[d + k] += std::abs(coefficients.drift[i * d + k]);
    }
  communicator_.sum(sums);
  double slowest = 0;
  for (int k = 0; k < d; ++k) {
    const double diffusion = sums[k] / static_cast<double>(n_cells_);
    const double drift = sums[d + k] / static_cast<double>(n_cells_);
    const double rate = std::max(diffusion * std::pow(std::numbers::pi / length, 2), 1e-3 * drift / length);
    if (rate > 0) slowest = slowest > 0 ? std::min(slowest, rate) : rate;
  }
  if (!(slowest > 0)) throw ConfigError("there is neither drift nor diffusion in the box");
  diffusive_rate_ = slowest;
}

std::vector<double> FrozenGenerator::change(std::span<const double> whole) const {
  std::vector<double> result(owned_.count, 0.0);
  for (const auto& direction : rates_.directions) {
    const long s = direction.offset;
    for (long from = std::max(0L, owned_.first - s); from < std::min(owned_.last(), n_cells_ - s); ++from) {
      const std::size_t edge = static_cast<std::size_t>(from - (owned_.first - s));
      const double current = direction.forward[edge] * whole[from] - direction.backward[edge] * whole[from + s];
      if (from >= owned_.first) result[from - owned_.first] -= current;
      if (from + s < owned_.last()) result[from + s - owned_.first] += current;
    }
  }
  for (const auto& exits : rates_.exits)
    for (const fp::EdgeRates::Exit& exit : exits) result[exit.cell - owned_.first] -= exit.rate * whole[exit.cell];
  return result;
}

/// Per owned row its diagonal, then per direction the neighbours i + e and i - e.
void FrozenGenerator::assemble() {
  std::vector<PetscInt> rows;
  std::vector<PetscInt> columns;
  std::vector<double> entries;
  const auto add = [&](long row, long column, double value) {
    rows.push_back(static_cast<PetscInt>(row));
    columns.push_back(static_cast<PetscInt>(column));
    entries.push_back(value);
  };
  for (long i = owned_.first; i < owned_.last(); ++i) add(i, i, 0.0);
  for (const auto& direction : rates_.directions) {
    const long s = direction.offset;
    for (long i = 0; i < owned_.count; ++i) {
      const long cell = owned_.first + i;
      entries[i] -= direction.forward[i + s] + direction.backward[i];
      if (cell + s < n_cells_ && direction.backward[i + s] > 0) add(cell, cell + s, direction.backward[i + s]);
      if (cell >= s && direction.forward[i] > 0) add(cell, cell - s, direction.forward[i]);
    }
  }
  for (const auto& exits : rates_.exits)
    for (const fp::EdgeRates::Exit& exit : exits) entries[exit.cell - owned_.first] -= exit.rate;
  const auto local = static_cast<PetscInt>(owned_.count);
  const auto global = static_cast<PetscInt>(n_cells_);
  check(MatCreate(communicator_.get(), matrix_.out()), "MatCreate");
  check(MatSetSizes(matrix_.get(), local, local, global, global), "MatSetSizes");
  check(MatSetType(matrix_.get(), MATAIJ), "MatSetType");
  check(MatSetPreallocationCOO(matrix_.get(), static_cast<PetscCount>(rows.size()), rows.data(), columns.data()),
        "MatSetPreallocationCOO");
  check(MatSetValuesCOO(matrix_.get(), entries.data(), INSERT_VALUES), "MatSetValuesCOO");
}

petsc::Vector FrozenGenerator::vector(std::span<const double> owned_values) const {
  petsc::Vector vector;
  check(VecCreateMPI(communicator_.get(), static_cast<PetscInt>(owned_.count), static_cast<PetscInt>(n_cells_),
                     vector.out()),
        "VecCreateMPI");
  double* values = nullptr;
  check(VecGetArrayWrite(vector.get(), &values), "VecGetArrayWrite");
  std::copy(owned_values.begin(), owned_values.end(), values);
  check(VecRestoreArrayWrite(vector.get(), &values), "VecRestoreArrayWrite");
  return vector;
}

std::vector<double> FrozenGenerator::values(Vec vector) const {
  const double* values = nullptr;
  check(VecGetArrayRead(vector, &values), "VecGetArrayRead");
  std::vector<double> result(values, values + owned_.count);
  check(VecRestoreArrayRead(vector, &values), "VecRestoreArrayRead");
  return result;
}

}  // namespace driftwood::fp_solver
