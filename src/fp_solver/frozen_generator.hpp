#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/handles.hpp"

namespace driftwood::fp_solver {

/// The generator L of the jump process on the cells, d q / dt = L q for the cells' masses q: a matrix with columns of
/// sum 0 but for what leaves through absorbing walls, of coefficients at one time in a frame at rest. Distributed by
/// contiguous cells.
class FrozenGenerator {
 public:
  /// Throws ConfigError for coefficients that are not finite. Collective.
  FrozenGenerator(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame, double time,
                  std::span<const fp::Wall> walls, const mpi::Communicator& communicator);

  Mat matrix() const { return matrix_.get(); }
  const fp::CellRange& owned() const { return owned_; }
  long n_cells() const { return n_cells_; }
  /// How fast diffusion alone relaxes the longest wave of the box; where there is next to none, how fast the drift
  /// crosses it.
  double diffusive_rate() const { return diffusive_rate_; }

  /// L q of the owned cells from the whole q, as differences of the edges' net currents: where these vanish, the change
  /// does to round-off, which the matrix's diagonal cannot give.
  std::vector<double> change(std::span<const double> whole) const;

  /// A vector of the owned cells' values, and back. Collective.
  petsc::Vector vector(std::span<const double> owned_values) const;
  std::vector<double> values(Vec vector) const;

 private:
  void assemble();
  void set_diffusive_rate(const fp::Grid& grid, const fp::CellCoefficients& coefficients);

  const mpi::Communicator& communicator_;
  long n_cells_;
  fp::CellRange owned_;
  fp::EdgeRates rates_;
  double diffusive_rate_ = 0;
  petsc::Matrix matrix_;
};

}  // namespace driftwood::fp_solver
