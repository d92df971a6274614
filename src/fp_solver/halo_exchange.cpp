#include "halo_exchange.hpp"

#include <algorithm>

namespace driftwood::fp_solver {

HaloExchange::HaloExchange(const fp::Grid& grid, fp::CellRange owned, const mpi::Communicator& communicator)
    : range_(owned.count > 0 ? fp::with_halo(grid, owned) : owned) {
  using petsc::check;
  check(VecCreateMPI(communicator.get(), static_cast<PetscInt>(owned.count), static_cast<PetscInt>(grid.n_cells()),
                     owned_.out()),
        "VecCreateMPI");
  check(VecCreateSeq(PETSC_COMM_SELF, static_cast<PetscInt>(range_.count), extended_.out()), "VecCreateSeq");
  petsc::IndexSet from;
  check(ISCreateStride(PETSC_COMM_SELF, static_cast<PetscInt>(range_.count), static_cast<PetscInt>(range_.first), 1,
                       from.out()),
        "ISCreateStride");
  check(VecScatterCreate(owned_.get(), from.get(), extended_.get(), nullptr, scatter_.out()), "VecScatterCreate");
}

std::vector<double> HaloExchange::extended(std::span<const double> owned_values) const {
  using petsc::check;
  double* values = nullptr;
  check(VecGetArrayWrite(owned_.get(), &values), "VecGetArrayWrite");
  std::copy(owned_values.begin(), owned_values.end(), values);
  check(VecRestoreArrayWrite(owned_.get(), &values), "VecRestoreArrayWrite");
  check(VecScatterBegin(scatter_.get(), owned_.get(), extended_.get(), INSERT_VALUES, SCATTER_FORWARD),
        "VecScatterBegin");
  check(VecScatterEnd(scatter_.get(), owned_.get(), extended_.get(), INSERT_VALUES, SCATTER_FORWARD), "VecScatterEnd");
  const double* seen = nullptr;
  check(VecGetArrayRead(extended_.get(), &seen), "VecGetArrayRead");
  std::vector<double> result(seen, seen + range_.count);
  check(VecRestoreArrayRead(extended_.get(), &seen), "VecRestoreArrayRead");
  return result;
}

}  // namespace driftwood::fp_solver
