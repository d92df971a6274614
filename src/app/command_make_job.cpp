#include <filesystem>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/options.hpp"
#include "driftwood/app/plan.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

int count_of(const CommandLine& line, const char* name, int otherwise) {
  const auto found = line.options.find(name);
  if (found == line.options.end()) return otherwise;
  double value = 0;
  try {
    value = sweep::parse_number(found->second);
  } catch (const sweep::ValueError&) {
  }
  if (value < 1 || value > 1e6 || value != static_cast<int>(value))
    throw ConfigError(std::string("command line: --") + name + " = " + found->second +
                      "; allowed: an integer 1..1000000");
  return static_cast<int>(value);
}

/// A word for the shell, whatever is in it.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

/// The command that the job runs, with the settings of this command line.
std::string program_line(const CommandLine& line, const std::string& output, bool is_array) {
  std::string text = "srun \"${DRIFTWOOD:-driftwood}\" run " + shell_word(absolute(line.operand)) + " \\\n  --output " +
                     shell_word(absolute(output));
  if (is_array) text += " --share";
  for (const auto& [key, value] : line.settings) text += " \\\n  " + shell_word("--" + key + "=" + value);
  return text;
}

std::string script_text(const CommandLine& line, const Plan& plan) {
  const auto output = line.options.find("output");
  if (output == line.options.end())
    throw ConfigError("command line: --output DIR is needed: where the job puts the results");
  const int n_tasks = count_of(line, "array", 0);
  const int n_ranks = count_of(line, "ranks", n_tasks > 0 ? 1 : 4);
  const JobSize size = job_size(plan_for(plan, n_tasks > 0 ? n_tasks * n_ranks : n_ranks));
  const bool is_array = n_tasks > 0;
  const std::string job = is_array ? "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" : "$SLURM_JOB_ID";
  return "#!/bin/bash\n"
         "# Made by `driftwood make-job`: " +
         std::to_string(plan.sweep.points.size()) + " points; times " + plan.origin +
         ".\n"
         "# For your site: partition and account, modules, SLURM_MPI_TYPE (srun --mpi=list). Explained in "
         "jobs/run.sbatch.\n" +
         (is_array ? "# When all tasks have ended, run it once more without --share: it completes and collects.\n"
                   : "") +
         "#SBATCH --job-name=driftwood\n" + (is_array ? "#SBATCH --array=1-" + std::to_string(n_tasks) + "\n" : "") +
         "#SBATCH --ntasks=" + std::to_string(n_ranks) +
         "\n"
         "#SBATCH --cpus-per-task=1\n"
         "#SBATCH --mem-per-cpu=" +
         std::to_string(size.megabytes_per_cpu) +
         "M\n"
         "#SBATCH --time=" +
         size.time +
         "\n"
         "#SBATCH --signal=USR1@300\n"
         "#SBATCH --requeue\n"
         "#SBATCH --output=driftwood-" +
         (is_array ? "%A_%a" : "%j") +
         ".log\n"
         "#SBATCH --open-mode=append\n"
         "set -uo pipefail\n"
         "most_requeues=20\n"
         "# module load driftwood\n"
         "export OMP_NUM_THREADS=1\n"
         "export SLURM_MPI_TYPE=${SLURM_MPI_TYPE:-pmix} SLURM_CPU_BIND=${SLURM_CPU_BIND:-cores}\n\n" +
         program_line(line, output->second, is_array) +
         "\n"
         "status=$?\n"
         "echo \"$(date -u +%FT%TZ) driftwood ended with exit code $status\"\n"
         "if [ $status = 75 ] && [ \"${SLURM_RESTART_COUNT:-0}\" -lt $most_requeues ]; then\n"
         "  exec scontrol requeue \"" +
         job +
         "\"\n"
         "fi\n"
         "exit $status\n";
}

}  // namespace

ExitCode make_job_command(const CommandLine& line, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (world.is_root()) print(script_text(line, make_plan(line)), world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
