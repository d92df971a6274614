#pragma once

namespace driftwood::app {

/// From now on SIGUSR1 and SIGTERM ask for a clean stop instead of ending the process, and SIGPIPE (a closed stdout) is
/// ignored. Called in main().
void install_signal_handlers();

/// Whether this process was asked to stop, or its Slurm job (SLURM_JOB_END_TIME) ends within a minute.
bool stop_requested();

/// How long before a limit a run stops by itself (s): enough to save, not much lost.
double stop_margin(double limit_seconds);

}  // namespace driftwood::app
