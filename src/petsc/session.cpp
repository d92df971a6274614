#include "driftwood/petsc/session.hpp"

#include <petscksp.h>
#include <slepcsys.h>

#include <array>

#include "driftwood/core/error.hpp"
#include "driftwood/petsc/handles.hpp"

namespace driftwood::petsc {

namespace {

std::string& last_message() {
  static std::string message;
  return message;
}

/// Remembers the first message of a chain of PETSc errors and passes the code on: no printing, no abort.
PetscErrorCode remember(MPI_Comm, int line, const char* function, const char* file, PetscErrorCode code,
                        PetscErrorType type, const char* message, void*) {
  if (type == PETSC_ERROR_INITIAL) {
    last_message() = message != nullptr ? message : "";
    last_message() += std::string(" (") + (function != nullptr ? function : "?") + ", " + (file != nullptr ? file : "?") +
                      ":" + std::to_string(line) + ")";
  }
  return code;
}

}  // namespace

void check(PetscErrorCode code, const char* action) {
  if (code == 0) return;
  const char* text = nullptr;
  PetscErrorMessage(code, &text, nullptr);
  std::string reason = text != nullptr ? text : "error " + std::to_string(static_cast<int>(code));
  if (!last_message().empty()) reason += ": " + last_message();
  last_message().clear();
  throw LibraryError(std::string(action) + " failed: " + reason);
}

Session::Session(const std::vector<std::string>& options) {
  static std::string program = "driftwood";
  std::vector<char*> arguments{program.data()};
  std::vector<std::string> copies = options;
  for (std::string& option : copies) arguments.push_back(option.data());
  arguments.push_back(nullptr);
  int argc = static_cast<int>(arguments.size()) - 1;
  char** argv = arguments.data();
  // The list of arguments must outlive PETSc's start only: it copies the options into its own database.
  check(SlepcInitializeNoPointers(argc, argv, nullptr, nullptr), "PetscInitialize, by SLEPc");
  check(PetscPopSignalHandler(), "PetscPopSignalHandler");
  check(PetscPushErrorHandler(remember, nullptr), "PetscPushErrorHandler");
  // Unused options are our message, not PETSc's.
  check(PetscOptionsSetValue(nullptr, "-options_left", "no"), "PetscOptionsSetValue");
}

Session::~Session() {
  PetscPopErrorHandler();
  SlepcFinalize();
}

std::vector<std::string> unused_options() {
  PetscInt n = 0;
  char** names = nullptr;
  char** values = nullptr;
  check(PetscOptionsLeftGet(nullptr, &n, &names, &values), "PetscOptionsLeftGet");
  std::vector<std::string> unused;
  for (PetscInt i = 0; i < n; ++i)
    if (std::string(names[i]) != "options_left")
      unused.push_back("-" + std::string(names[i]) + (values[i] != nullptr ? " " + std::string(values[i]) : ""));
  check(PetscOptionsLeftRestore(nullptr, &n, &names, &values), "PetscOptionsLeftRestore");
  return unused;
}

std::string version() {
  return std::to_string(PETSC_VERSION_MAJOR) + '.' + std::to_string(PETSC_VERSION_MINOR) + '.' +
         std::to_string(PETSC_VERSION_SUBMINOR);
}

}  // namespace driftwood::petsc
