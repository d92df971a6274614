#pragma once

#include <petscvec.h>

#include "driftwood/petsc/handles.hpp"

namespace driftwood::petsc {

/// Calls write(double*) with this rank's part of a vector, which it fills.
template <class Write>
void write_array(Vec vector, Write&& write) {
  double* values = nullptr;
  check(VecGetArrayWrite(vector, &values), "VecGetArrayWrite");
  write(values);
  check(VecRestoreArrayWrite(vector, &values), "VecRestoreArrayWrite");
}

/// Calls read(const double*) with this rank's part of a vector.
template <class Read>
void read_array(Vec vector, Read&& read) {
  const double* values = nullptr;
  check(VecGetArrayRead(vector, &values), "VecGetArrayRead");
  read(values);
  check(VecRestoreArrayRead(vector, &values), "VecRestoreArrayRead");
}

}  // namespace driftwood::petsc
