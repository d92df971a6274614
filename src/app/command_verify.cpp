#include <algorithm>
#include <chrono>
#include <sstream>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/progress.hpp"
#include "driftwood/sweep/suggestion.hpp"
#include "verify/bench.hpp"

namespace driftwood::app {

namespace {

using verify::Case;
using verify::Check;

/// The cases that the command line asks for. Throws ConfigError for names that are none.
std::vector<Case> chosen_cases(const CommandLine& line) {
  const std::vector<Case> all = verify::all_cases();
  std::vector<Case> chosen;
  if (!line.has("case")) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
                 [&](const Case& one) { return one.in_quick || !line.has("quick"); });
    return chosen;
  }
  std::vector<std::string> names;
  for (const Case& one : all) names.push_back(one.name);
  std::istringstream words(line.options.at("case"));
  for (std::string name; std::getline(words, name, ',');) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      throw ConfigError("command line: there is no case '" + name.substr(0, 60) + "'" +
                        sweep::did_you_mean(name, names) + " (`driftwood verify --list` names them)");
    chosen.push_back(all[found - names.begin()]);
  }
  return chosen;
}

std::string heading(const Case& one) {
  return one.name + ": " + one.states + "\n";
}

/// What a case throws is a check that failed: it is thrown on every rank (a service's errors are agreed on).
std::vector<Check> run_case(const Case& one, verify::Bench& bench) {
  try {
    return one.run(bench);
  } catch (const Error& error) {
    return {verify::failed("the case could not be run", error.what())};
  }
}

std::string summary(long n_checks, long n_failed, double seconds, const mpi::Communicator& world) {
  std::string text = "\n" + std::to_string(n_checks) + " checks on " + std::to_string(world.size()) +
                     (world.size() == 1 ? " rank, " : " ranks, ") + format_duration(seconds) + ": ";
  return text + (n_failed == 0 ? "all hold" : std::to_string(n_failed) + " FAILED") + "\n";
}

}  // namespace

ExitCode verify_command(const CommandLine& line, const mpi::Communicator& world) {
  const std::vector<Case> cases = chosen_cases(line);
  if (line.has("list")) {
    for (const Case& one : cases) print(heading(one), world);
    return ExitCode::success;
  }
  const auto start = std::chrono::steady_clock::now();
  long n_checks = 0;
  long n_failed = 0;
  for (const Case& one : cases) {
    verify::Bench bench(world, line.has("quick"));
    print(heading(one), world);
    for (const Check& check : run_case(one, bench)) {
      print(verify::line_of(check), world);
      ++n_checks;
      if (!check.passed()) ++n_failed;
    }
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  print(summary(n_checks, n_failed, elapsed.count(), world), world);
  return n_failed == 0 ? ExitCode::success : ExitCode::points_failed;
}

}  // namespace driftwood::app
