#include "driftwood/app/options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <filesystem>

#include "driftwood/app/ini_file.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/sweep/option.hpp"
#include "driftwood/sweep/suggestion.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

namespace po = boost::program_options;

constexpr std::string_view environment_prefix = "DRIFTWOOD_";

/// The option that an environment variable stands for; "" for a variable of others.
std::string key_of_variable(const std::string& variable, sweep::Scope scope) {
  if (variable.substr(0, environment_prefix.size()) != environment_prefix) return "";
  std::vector<std::string> names;
  for (const sweep::Option& option : sweep::option_table()) {
    const std::string name = environment_name(option.key());
    if (option.is_known(scope)) names.push_back(name);
    if (name != variable) continue;
    if (option.is_known(scope)) return option.key();
    throw ConfigError("environment: " + variable + " is set" + sweep::did_you_mean_option(option.key(), scope));
  }
  throw ConfigError("environment: unknown variable '" + variable + "'" + sweep::did_you_mean(variable, names));
}

/// The paths of files made absolute, as seen from `directory`; bars part them.
sweep::GivenValue resolved(sweep::GivenValue value, const std::filesystem::path& directory) {
  if (sweep::trimmed(value.text).empty()) return value;
  std::string paths;
  for (const std::string_view path : sweep::split_alternatives(value.text)) {
    paths += paths.empty() ? "" : " | ";
    if (!path.empty()) paths += std::filesystem::absolute(directory / path).lexically_normal().string();
  }
  value.text = std::move(paths);
  return value;
}

void set(sweep::SweepText& text, const std::string& key, sweep::GivenValue value,
         const std::filesystem::path& directory) {
  const bool is_path = sweep::option(key).is_path || key == "sweep.points_file" || key == "problem.file";
  text.set(key, is_path ? resolved(std::move(value), directory) : std::move(value));
}

}  // namespace

std::string environment_name(const std::string& key) {
  std::string name(environment_prefix);
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

KeyValues environment_settings(sweep::Scope scope) {
  po::options_description description;
  for (const sweep::Option& option : sweep::option_table())
    description.add_options()(option.key().c_str(), po::value<std::string>());
  const auto parsed = po::parse_environment(
      description, [scope](const std::string& variable) { return key_of_variable(variable, scope); });
  KeyValues settings;
  for (const auto& option : parsed.options) settings.emplace_back(option.string_key, option.value.at(0));
  return settings;
}

sweep::SweepText read_sweep_text(const std::string& config_path, const KeyValues& environment,
                                 const KeyValues& command_line, sweep::Scope scope) {
  const std::filesystem::path here = std::filesystem::current_path();
  const std::filesystem::path beside_config = std::filesystem::absolute(config_path).parent_path();
  sweep::SweepText text;
  for (const IniEntry& entry : parse_ini(read_config_file(config_path), config_path, scope))
    set(text, entry.key, {entry.value, config_path + ":" + std::to_string(entry.line)}, beside_config);
  for (const auto& [key, value] : environment) set(text, key, {value, "environment " + environment_name(key)}, here);
  for (const auto& [key, value] : command_line) set(text, key, {value, "command line"}, here);
  return text;
}

sweep::SweepText parse_sweep_text(const std::string& text, const std::string& name, sweep::Scope scope) {
  sweep::SweepText sweep_text;
  for (const IniEntry& entry : parse_ini(text, name, scope))
    sweep_text.set(entry.key, {entry.value, name + ":" + std::to_string(entry.line)});
  return sweep_text;
}

std::string effective_ini(const sweep::SweepText& text, sweep::Scope scope) {
  std::string ini = "# Every option of the run, its value and where it came from. Can be used as a config.\n";
  std::string section;
  for (const sweep::Option& option : sweep::option_table()) {
    if (!option.is_known(scope)) continue;
    const sweep::GivenValue& given = text.get(option.key());
    if (given.text.find_first_of("#\r\n") != std::string::npos)
      sweep::reject(option, given, "'#' and line ends cannot stand in an INI value");
    if (option.section != section) ini += "\n[" + option.section + "]\n";
    section = option.section;
    std::string origin = given.origin;
    std::replace_if(
        origin.begin(), origin.end(), [](unsigned char c) { return c < ' '; }, ' ');
    ini += option.name + " = " + std::string(sweep::trimmed(given.text)) + "  # " + origin + "\n";
  }
  return ini;
}

}  // namespace driftwood::app
