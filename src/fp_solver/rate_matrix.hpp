#pragma once

#include <span>
#include <vector>

#include "driftwood/fp/edge_rates.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/handles.hpp"

namespace driftwood::fp_solver {

/// The matrix I - step R of a rank's rates as a PETSc matrix, rows and columns scaled where wanted.
class RateMatrix {
 public:
  RateMatrix(fp::CellRange owned, long n_cells, const mpi::Communicator& communicator)
      : communicator_(&communicator), owned_(owned), n_cells_(n_cells) {}

  Mat get() const { return matrix_.get(); }
  /// Makes the pattern for the rates' directions; returns whether it is a new one, in a new matrix. Collective.
  bool set_pattern(const fp::EdgeRates& rates);
  /// G^-1 (I - step R) G with G = diag(weight). `weight`: of the owned cell 0 and, at both sides, of all cells with
  /// edges to owned ones; null: 1. Collective.
  void set_values(const fp::EdgeRates& rates, double step, const double* weight);

 private:
  const mpi::Communicator* communicator_;
  fp::CellRange owned_;
  long n_cells_;
  std::vector<long> pattern_;  ///< offsets of the directions that the matrix was made for
  std::vector<double> entries_;
  petsc::Matrix matrix_;
};

}  // namespace driftwood::fp_solver
