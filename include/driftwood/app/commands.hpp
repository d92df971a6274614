#pragma once

#include "driftwood/app/command.hpp"

namespace driftwood::app {

/// The commands, one file each. All are collective and print on root.

/// `run CONFIG --output DIR`: trains, solves, compares and commits every point of the sweep.
ExitCode run_command(const CommandLine& line, const mpi::Communicator& world);
/// `train CONFIG --output DIR`: the same without theory: no closure is solved, whatever closure.names says.
ExitCode train_command(const CommandLine& line, const mpi::Communicator& world);
/// `solve PROBLEM --output FILE`: a user's own Fokker-Planck problem, by all ranks together.
ExitCode solve_command(const CommandLine& line, const mpi::Communicator& world);
/// `plan CONFIG`: the points, what they will cost, and how they fill numbers of ranks; runs trials only.
ExitCode plan_command(const CommandLine& line, const mpi::Communicator& world);
/// `make-job CONFIG --output DIR`: prints a Slurm batch script with ranks, time and memory as planned.
ExitCode make_job_command(const CommandLine& line, const mpi::Communicator& world);
/// `collect DIR`: builds sweep.h5 again from the points' files and prints the table.
ExitCode collect_command(const CommandLine& line, const mpi::Communicator& world);
/// `derive DIR [--derive.key=value ...]`: the Callan-Symanzik flow and the KPZ balance of the points of a finished run.
ExitCode derive_command(const CommandLine& line, const mpi::Communicator& world);
/// `surfaces --output FILE`: grows lines of several sizes by the stochastic KPZ equation and measures their exponents.
ExitCode surfaces_command(const CommandLine& line, const mpi::Communicator& world);
/// `status DIR [--json]`: what a run has done and is doing, predicted against actual.
ExitCode status_command(const CommandLine& line, const mpi::Communicator& world);
/// `replay DIR --point ID --replica R`: trains one replica of a point again and prints its path.
ExitCode replay_command(const CommandLine& line, const mpi::Communicator& world);
/// `inspect FILE`: what is in a result file.
ExitCode inspect_command(const CommandLine& line, const mpi::Communicator& world);
/// `verify [--case NAME] [--list] [--quick]`: the Fokker-Planck solver against everything that is known exactly.
ExitCode verify_command(const CommandLine& line, const mpi::Communicator& world);
/// `options [--markdown]`: all keys with default, unit and allowed values.
ExitCode options_command(const CommandLine& line, const mpi::Communicator& world);

}  // namespace driftwood::app
