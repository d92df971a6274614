#include "driftwood/app/driver.hpp"

#include <mpi.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "driftwood/app/command.hpp"
#include "driftwood/app/version.hpp"

namespace driftwood::app {

namespace {

void report(const std::string& message) {
  std::string text = "driftwood: error: " + message;
  for (char& c : text)
    if (c == '\n') c = ' ';
  std::fprintf(stderr, "%s\n", text.c_str());
  std::fflush(stderr);
}

bool is_help(const std::string& word) {
  return word == "--help" || word == "-h";
}

ExitCode dispatch(const std::vector<std::string>& words, const mpi::Communicator& world) {
  if (words.empty()) throw ConfigError("command line: no command (`driftwood help` lists them)");
  const std::string& first = words.front();
  if (first == "--version" || first == "version") {
    print(version_text(), world);
    return ExitCode::success;
  }
  if (first == "help" || is_help(first)) {
    print(words.size() > 1 ? command_help(find_command(words[1])) : program_help(), world);
    return ExitCode::success;
  }
  const Command& command = find_command(first);
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  for (const std::string& word : rest) {
    if (!is_help(word)) continue;
    print(command_help(command), world);
    return ExitCode::success;
  }
  return command.run(parse_command_line(command, rest), world);
}

/// How a rank's command ended.
struct Ending {
  int code = 0;
  std::string message;
};

Ending ending_of(const std::vector<std::string>& words, const mpi::Communicator& world) {
  try {
    return {static_cast<int>(dispatch(words, world)), ""};
  } catch (const Error& error) {
    return {static_cast<int>(error.code()), error.what()};
  } catch (const std::exception& error) {
    return {static_cast<int>(ExitCode::internal), std::string("internal: ") + error.what()};
  }
}

/// Waits until the request is done, for at most `seconds`.
bool wait_for(MPI_Request& request, double seconds) {
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    int done = 0;
    mpi::check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
    if (done != 0) return true;
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() > seconds) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Every rank's exit code, once all have come here. A rank that failed alone would wait for ever on ranks that wait for
/// it elsewhere: after `patience` it ends them all. (It is also the barrier without which mpirun would kill the
/// others.)
std::vector<int> gather_codes(const Ending& mine, const mpi::Communicator& endings) {
  constexpr double patience = 60;
  std::vector<int> codes(endings.size(), 0);
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallgather(&mine.code, 1, MPI_INT, codes.data(), 1, MPI_INT, endings.get(), &request),
             "MPI_Iallgather");
  if (mine.message.empty()) {
    mpi::check(MPI_Wait(&request, MPI_STATUS_IGNORE), "MPI_Wait");
  } else if (!wait_for(request, patience)) {
    report(mine.message);
    MPI_Abort(endings.get(), mine.code);
  }
  return codes;
}

}  // namespace

Arguments split_arguments(int argc, char** argv) {
  Arguments arguments;
  bool is_petsc = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!is_petsc && word == "--")
      is_petsc = true;
    else
      (is_petsc ? arguments.petsc : arguments.words).push_back(word);
  }
  return arguments;
}

int run_command_line(const std::vector<std::string>& words, const mpi::Communicator& world) {
  const mpi::Communicator endings(world.get());  // its own: a lone rank's ending must not meet the others' collectives
  const Ending mine = ending_of(words, world);
  const std::vector<int> codes = gather_codes(mine, endings);
  for (int rank = 0; rank < world.size(); ++rank) {
    if (codes[rank] == 0) continue;
    if (rank == world.rank() && !mine.message.empty()) report(mine.message);
    return codes[rank];
  }
  return 0;
}

void install_terminate_handler() {
  std::set_terminate([] {
    ExitCode code = ExitCode::internal;
    try {
      if (const auto current = std::current_exception()) std::rethrow_exception(current);
      report("internal: terminated without an exception");
    } catch (const Error& error) {
      code = error.code();
      report(error.what());
    } catch (const std::exception& error) {
      report(std::string("internal: ") + error.what());
    } catch (...) {
      report("internal: unknown exception");
    }
    int is_started = 0;
    int is_over = 0;
    MPI_Initialized(&is_started);
    MPI_Finalized(&is_over);
    if (is_started != 0 && is_over == 0) MPI_Abort(MPI_COMM_WORLD, static_cast<int>(code));
    _exit(static_cast<int>(code));
  });
}

}  // namespace driftwood::app
