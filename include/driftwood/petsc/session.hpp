#pragma once

#include <string>
#include <vector>

namespace driftwood::petsc {

/// PETSc and SLEPc for the life of the process, between MPI's start and end. Errors come back as codes (see check),
/// signals are left alone. `options`: PETSc's own command line, e.g. {"-fp_ksp_type", "gmres"}. Collective on all ranks.
class Session {
 public:
  explicit Session(const std::vector<std::string>& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
};

/// Options given by the user that nothing asked for so far, e.g. "-fp_ksp_typ gmres".
std::vector<std::string> unused_options();

/// "3.18.5"
std::string version();

}  // namespace driftwood::petsc
