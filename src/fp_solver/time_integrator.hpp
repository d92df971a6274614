#pragma once

#include <petscts.h>

#include <string>

#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/handles.hpp"

namespace driftwood::fp_solver {

/// One of PETSc's implicit time integrators with error control. Its functions and matrices are the owner's. Every
/// member function is collective.
class TimeIntegrator {
 public:
  /// `prefix`: of PETSc's options; `tolerance`: absolute, of a step. What the options say is read at the first advance.
  TimeIntegrator(const mpi::Communicator& communicator, const char* prefix, TSType type, double tolerance);

  TS get() const { return integrator_.get(); }
  /// Every rank factorises the whole where it is small, else GMRES with incomplete factors of the ranks' parts.
  void choose_linear_solver(long n_unknowns);
  /// Advances `state` from one time to a later one; returns why it did not get there, "" if it did.
  std::string advance(Vec state, double from, double to);
  long n_steps() const { return n_steps_; }

 private:
  petsc::Handle<TS, TSDestroy> integrator_;
  bool is_set_ = false;
  double last_step_ = 0;
  long n_steps_ = 0;
};

}  // namespace driftwood::fp_solver
