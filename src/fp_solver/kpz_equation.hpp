#pragma once

#include <petscmat.h>

#include <array>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::fp_solver {

/// The right side of (8.2) on this rank's cells and its derivative. Cells in natural order, whole layers across axis 0.
class KpzEquation {
 public:
  /// Throws as solve_kpz does. Collective.
  KpzEquation(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame, double time,
              const mpi::Communicator& communicator);

  long first() const { return first_; }
  long count() const { return count_; }
  long layer_cells() const { return stride_[0]; }
  long n_cells() const { return n_cells_; }
  const std::vector<double>& potential() const { return potential_; }  ///< U of the own cells

  /// `height`: of the cells first() - layer_cells() .. , those that exist; `result`: of the own cells. Does not throw.
  void rate(const double* height, double* result) const;
  /// shift I - d rate / d height into the rows of the own cells of `matrix`. Does not throw.
  PetscErrorCode jacobian(const double* height, double shift, Mat matrix) const;

 private:
  struct Slopes {
    double below = 0;
    double above = 0;
  };
  Slopes slopes(const double* height, long cell, int axis) const;
  void set_potential(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame, double time);
  long seen_from() const { return first_ > 0 ? first_ - stride_[0] : 0; }

  int d_ = 1;
  long n_cells_ = 0;
  long first_ = 0;
  long count_ = 0;
  std::array<int, 2> cells_{1, 1};
  std::array<long, 2> stride_{1, 1};
  std::array<double, 2> spacing_{1, 1};  ///< in w
  double diffusion_ = 0;
  std::vector<double> potential_;
  /// d h~ / d w_axis at the lower and upper face of every own cell: used at walls. cell x d x 2.
  std::vector<double> wall_slope_;
};

}  // namespace driftwood::fp_solver
