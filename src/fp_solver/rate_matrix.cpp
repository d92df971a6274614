#include "rate_matrix.hpp"

#include <algorithm>

namespace driftwood::fp_solver {

using petsc::check;

/// Rows are the owned cells; for each row its diagonal, then per direction the neighbours i + e and i - e.
bool RateMatrix::set_pattern(const fp::EdgeRates& rates) {
  std::vector<long> offsets;
  for (const auto& direction : rates.directions) offsets.push_back(direction.offset);
  if (communicator_->all(matrix_ && offsets == pattern_)) return false;
  pattern_ = offsets;
  const auto n = static_cast<std::size_t>(owned_.count);
  std::vector<PetscInt> rows;
  std::vector<PetscInt> columns;
  const auto add = [&](long offset) {
    for (long i = owned_.first; i < owned_.last(); ++i) {
      const long column = i + offset;
      rows.push_back(static_cast<PetscInt>(i));
      columns.push_back(column >= 0 && column < n_cells_ ? static_cast<PetscInt>(column) : -1);  // -1: left out
    }
  };
  add(0);
  for (const long offset : offsets) {
    add(offset);
    add(-offset);
  }
  entries_.assign(n * (1 + 2 * offsets.size()), 0.0);
  check(MatCreate(communicator_->get(), matrix_.out()), "MatCreate");
  const auto local = static_cast<PetscInt>(owned_.count);
  const auto global = static_cast<PetscInt>(n_cells_);
  check(MatSetSizes(matrix_.get(), local, local, global, global), "MatSetSizes");
  check(MatSetType(matrix_.get(), MATAIJ), "MatSetType");
  check(MatSetPreallocationCOO(matrix_.get(), static_cast<PetscCount>(rows.size()), rows.data(), columns.data()),
        "MatSetPreallocationCOO");
  return true;
}

void RateMatrix::set_values(const fp::EdgeRates& rates, double step, const double* weight) {
  const auto n = static_cast<std::size_t>(owned_.count);
  double* diagonal = entries_.data();
  std::fill_n(diagonal, n, 1.0);
  double* next = diagonal + n;
  for (const auto& direction : rates.directions) {
    const long s = direction.offset;
    const double* forward = direction.forward.data();
    const double* backward = direction.backward.data();
    double* up = next;
    double* down = next + n;
    const auto ratio = [&](long from, long to) { return weight ? weight[from] / weight[to] : 1.0; };
    for (long i = 0; i < owned_.count; ++i) {
      diagonal[i] += step * (forward[i + s] + backward[i]);
      up[i] = backward[i + s] == 0 ? 0.0 : -step * backward[i + s] * ratio(i + s, i);
      down[i] = forward[i] == 0 ? 0.0 : -step * forward[i] * ratio(i - s, i);
    }
    next += 2 * n;
  }
  for (const auto& exits : rates.exits)
    for (const fp::EdgeRates::Exit& exit : exits) diagonal[exit.cell - owned_.first] += step * exit.rate;
  check(MatSetValuesCOO(matrix_.get(), entries_.data(), INSERT_VALUES), "MatSetValuesCOO");
}

}  // namespace driftwood::fp_solver
