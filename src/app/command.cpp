#include "driftwood/app/command.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>

#include "driftwood/app/commands.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/suggestion.hpp"

namespace driftwood::app {

namespace {

namespace po = boost::program_options;

/// Where the operands land; no one can write an option of this name.
constexpr const char* operand_key = "operand";

po::options_description describe(const Command& command) {
  po::options_description description;
  for (const CommandOption& option : command.options) {
    if (option.value.empty())
      description.add_options()(option.name.c_str(), "");
    else
      description.add_options()(option.name.c_str(), po::value<std::string>(), "");
  }
  if (command.settings)
    for (const sweep::Option& option : sweep::option_table())
      if (option.is_known(*command.settings))
        description.add_options()(option.key().c_str(), po::value<std::string>(), "");
  description.add_options()(operand_key, po::value<std::vector<std::string>>(), "");
  return description;
}

[[noreturn]] void refuse_unknown(const Command& command, const std::string& token) {
  const std::string name = token.substr(0, token.find('=')).substr(0, 100);
  const std::string key = name.substr(std::min(name.find_first_not_of('-'), name.size()));
  std::vector<std::string> names;
  for (const CommandOption& option : command.options) names.push_back(option.name);
  std::string hint = sweep::did_you_mean(key, names);
  if (hint.empty() && command.settings) hint = sweep::did_you_mean_option(key, *command.settings);
  const std::size_t quote = hint.find('\'');
  if (quote != std::string::npos) hint.insert(quote + 1, "--");
  throw ConfigError("command line: unknown option '" + name + "' of `driftwood " + command.name + "`" + hint);
}

void take_operands(const Command& command, const std::vector<std::string>& values, CommandLine& line) {
  for (const std::string& value : values) {
    if (value.size() > 1 && value.front() == '-') refuse_unknown(command, value);
    if (command.operand.empty() || !line.operand.empty())
      throw ConfigError("command line: '" + value + "' is one argument too many for `driftwood " + command.name + "`");
    line.operand = value;
  }
}

/// Boost's words for a command line that it cannot take apart, with our place before them.
po::parsed_options parse(const Command& command, const std::vector<std::string>& words) {
  namespace style = po::command_line_style;
  const po::options_description description = describe(command);
  po::positional_options_description positions;
  positions.add(operand_key, -1);
  try {
    return po::command_line_parser(words)
        .options(description)
        .positional(positions)
        .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next)
        .allow_unregistered()
        .run();
  } catch (const po::error& error) {
    throw ConfigError(std::string("command line: ") + error.what());
  }
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(text.size() < width ? width - text.size() : 1, ' ');
}

const CommandOption calibration_option{"calibration", "FILE",
                                       "what an earlier plan measured, or where to keep what this one measures"};
const CommandOption nominal_option{"nominal", "",
                                   "measure nothing: the rates of the machine that driftwood was written on"};

/// Of `run` and `train`.
std::vector<CommandOption> run_options() {
  return {{"output", "DIR", "the run directory; made if it is not there"},
          {"time-limit", "TIME", "save and end with 75 before so much time is over: seconds, or H:MM:SS"},
          {"retry-failed", "", "try points again that failed in an earlier run"},
          {"calibration", "FILE", "what `plan --calibration FILE` measured: for the predictions that `status` shows"},
          {"max-failures", "N", "start no more points after N failed ones"},
          {"share", "", "work beside other jobs in the same directory, each on other points"}};
}

}  // namespace

const std::vector<Command>& command_table() {
  static const std::vector<Command> table{
      {"run", "CONFIG", "run a sweep: train, close, solve, compare, commit; the same command again continues it",
       run_options(), sweep::Scope::sweep, run_command},
      {"train", "CONFIG",
       "train the ensembles of a sweep and keep them: no Fokker-Planck solve; the same command again continues it",
       run_options(), sweep::Scope::sweep, train_command},
      {"solve",
       "PROBLEM",
       "solve a Fokker-Planck problem of your own (sections [problem] and [fokker_planck]); no training",
       {{"output", "FILE", "the HDF5 file to write; one that an earlier solve wrote is replaced"}},
       sweep::Scope::solve,
       solve_command},
      {"plan",
       "CONFIG",
       "list the points of a sweep, what they will cost, and how well they fill numbers of ranks",
       {{"ranks", "N,...", "numbers of MPI ranks to plan for (default: those it is started with)"},
        calibration_option,
        nominal_option},
       sweep::Scope::sweep,
       plan_command},
      {"make-job",
       "CONFIG",
       "print a Slurm batch script for the sweep, with ranks, time and memory as planned",
       {{"output", "DIR", "the run directory of the job"},
        {"ranks", "N", "MPI ranks of the job (4), or of each task of an array (1)"},
        {"array", "TASKS", "a job array whose tasks share the run directory"},
        calibration_option,
        nominal_option},
       sweep::Scope::sweep,
       make_job_command},
      {"collect",
       "DIR",
       "build DIR/sweep.h5 again from the points' files and print the table",
       {},
       std::nullopt,
       collect_command},
      {"derive",
       "DIR",
       "derive the Callan-Symanzik flow and the KPZ balance of a run's points (keys derive.*), into DIR/derive",
       {},
       sweep::Scope::sweep,
       derive_command},
      {"surfaces",
       "",
       "grow lines of several sizes by the stochastic KPZ equation (nu = Gamma = spacing = 1) and measure their "
       "exponents",
       {{"output", "FILE", "the HDF5 file to write; one that an earlier `surfaces` wrote is replaced"},
        {"sites", "L,...", "sizes of the lines, ascending (32,64,128,256,512)"},
        {"nonlinearity", "LAMBDA", "0..2.5 (2); 0: the Edwards-Wilkinson equation"},
        {"replicas", "N", "of every size (64)"},
        {"seed", "N", "of all random numbers (1)"}},
       std::nullopt,
       surfaces_command},
      {"status",
       "DIR",
       "say what a run has done, is doing and has left, and compare with what was predicted",
       {{"json", "", "as JSON"}},
       std::nullopt,
       status_command},
      {"replay",
       "DIR",
       "train one replica of a point of a run again and print its path: to see why it diverged",
       {{"point", "ID", "the point: its id, or the first digits of it"}, {"replica", "R", "the replica, from 0"}},
       std::nullopt,
       replay_command},
      {"inspect", "FILE", "say what is in a result file", {}, std::nullopt, inspect_command},
      {"verify",
       "",
       "check the Fokker-Planck solver against exact solutions, on the ranks it is started with, and print the table",
       {{"case", "NAMES", "only these, separated by commas"},
        {"quick", "", "smaller grids, one and two weights: half a minute"},
        {"list", "", "name the cases and what they check; runs nothing"}},
       std::nullopt,
       verify_command},
      {"options",
       "",
       "list all keys of a config with default, unit and allowed values",
       {{"markdown", "", "as the page share/doc/options.md"}},
       std::nullopt,
       options_command},
  };
  return table;
}

const Command& find_command(const std::string& name) {
  std::vector<std::string> names{"help"};
  for (const Command& command : command_table()) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  throw ConfigError("unknown command '" + name.substr(0, 60) + "'" + sweep::did_you_mean(name, names) +
                    " (`driftwood help` lists the commands)");
}

CommandLine parse_command_line(const Command& command, const std::vector<std::string>& words) {
  CommandLine line;
  std::map<std::string, int> n_seen;
  for (const auto& option : parse(command, words).options) {
    const std::string& key = option.string_key;
    if (option.position_key >= 0 || key == operand_key) {
      take_operands(command, option.value, line);
      continue;
    }
    if (option.unregistered) refuse_unknown(command, option.original_tokens.at(0));
    if (++n_seen[key] > 1) throw ConfigError("command line: the option '--" + key + "' is there twice");
    const std::string value = option.value.empty() ? "" : option.value.front();
    if (sweep::find_option(key) != nullptr)
      line.settings.emplace_back(key, value);
    else
      line.options[key] = value;
  }
  if (!command.operand.empty() && line.operand.empty())
    throw ConfigError("command line: `driftwood " + command.name + "` needs " + command.operand + " (`driftwood " +
                      command.name + " --help`)");
  return line;
}

std::string command_help(const Command& command) {
  std::string usage = "usage: driftwood " + command.name + (command.operand.empty() ? "" : " " + command.operand);
  std::string options;
  for (const CommandOption& option : command.options) {
    const std::string form = "--" + option.name + (option.value.empty() ? "" : " " + option.value);
    usage += option.name == "output" ? " " + form : " [" + form + "]";
    options += "  " + padded(form, 24) + option.help + "\n";
  }
  if (command.settings) {
    usage += " [--section.key=value ...] [-- PETSC_OPTION ...]";
    options +=
        "  --section.key=value     any key of the config (`driftwood options` lists them); also as the environment\n"
        "                          variable DRIFTWOOD_SECTION_KEY; the command line wins, then the environment\n";
  }
  return usage + "\n\n" + command.summary + "\n" + (options.empty() ? "" : "\n" + options);
}

std::string program_help() {
  std::string text =
      "driftwood: does a Fokker-Planck equation describe how the weights of a network evolve under training?\n\n"
      "usage: [mpirun -n N] driftwood COMMAND ...\n\n";
  for (const Command& command : command_table())
    text += "  " + padded(command.name + " " + command.operand, 18) + command.summary + "\n";
  text += "  " + padded("help [COMMAND]", 18) + "this text, or that of a command; also COMMAND --help\n";
  text += "  " + padded("--version", 18) + "versions of the program and its libraries\n";
  return text +
         "\nExit codes: 0 done, 1 internal error, 2 usage or input, 3 some points failed, 4 input/output,\n"
         "75 stopped cleanly: run the same command again.\n";
}

void print(const std::string& text, const mpi::Communicator& world) {
  if (!world.is_root()) return;
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace driftwood::app
