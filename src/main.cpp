#include <mpi.h>

#include "driftwood/app/driver.hpp"
#include "driftwood/app/stop_signal.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "driftwood/petsc/session.hpp"

int main(int argc, char** argv) {
  using namespace driftwood;
  // A session that does not start is caught by nobody, on purpose: finalizing MPI on the way out would wait for ranks
  // that wait for this one. The handler reports it and ends them all.
  app::install_terminate_handler();
  app::install_signal_handlers();  // a signal may come while MPI starts
  const mpi::Session mpi_session(&argc, &argv);
  const app::Arguments arguments = app::split_arguments(argc, argv);
  const petsc::Session petsc_session(arguments.petsc);
  app::install_signal_handlers();  // again after PETSc, which resets SIGPIPE and others as it starts
  const mpi::Communicator world(MPI_COMM_WORLD);
  return app::run_command_line(arguments.words, world);
}
