#include "driftwood/sweep/option_help.hpp"

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

namespace {

std::string default_of(const Option& option) {
  const std::string text = default_text(option);
  return text.empty() ? "none" : text;
}

/// For a table's cell: no bar may end it.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
  return result;
}

/// What the option is besides its value: an axis of the sweep, part of the point's identity.
std::string roles(const Option& option) {
  const std::string axis = option.may_be_axis ? "axis" : option.takes_alternatives() ? "axis (bars)" : "";
  if (option.scope == Scope::solve) return "solve";
  const std::string run = option.defines_point || option.section == "sweep" || option.is_path ? "" : "run";
  return axis + (axis.empty() || run.empty() ? "" : ", ") + run;
}

}  // namespace

std::string options_text() {
  std::string text =
      "Options: keys of the INI file, --section.key=value, DRIFTWOOD_SECTION_KEY. [axis]: takes several values,\n"
      "a list `x, y` or `x | y`, `range(a, b, n)`, `logrange(a, b, n)`; or it is sampled: `uniform(a, b, n)`,\n"
      "`loguniform(a, b, n)`, `normal(mean, std, n)`. [axis (bars)]: only bars part its values, `x, y | z`.\n"
      "The section [sweep] says how axes are combined. [run]: does not define a point's results.\n"
      "[solve]: of `driftwood solve`, which takes these and [fokker_planck], single values only.\n";
  std::string section;
  for (const Option& each : option_table()) {
    if (each.section != section) text += "\n[" + each.section + "]\n";
    section = each.section;
    const std::string role = roles(each);
    text += each.key() + " = " + default_of(each) + (each.unit.empty() ? "" : "  (" + each.unit + ")") +
            (role.empty() ? "" : "  [" + role + "]") + "\n    " + each.help + "\n    allowed: " + allowed_values(each) +
            "\n";
  }
  return text;
}

std::string options_markdown() {
  std::string text =
      "# Options\n\n"
      "Made by `driftwood options --markdown`; a test keeps it current.\n\n"
      "Sources, later ones win: the defaults, the INI file, the environment (`DRIFTWOOD_SECTION_KEY`), the command "
      "line\n"
      "(`--section.key=value`). `effective.ini` in the run directory says which value came from where.\n\n"
      "An *axis* takes several values, and the sweep has a point for every combination: a list `0.01, 0.02`, equal "
      "steps\n"
      "`range(a, b, n)` or equal ratios `logrange(a, b, n)`, n values with both ends, or a list of these. The inner "
      "values\n"
      "of ranges are rounded to 12 significant digits (to integers where the option is one). Of an *axis (bars)*, "
      "whose "
      "values\n"
      "have commas of their own, only bars part the values: `closure.names = fixed, conditional | annealed`. The axes "
      "vary in\n"
      "the order below, the last fastest.\n\n"
      "A *sampled* axis has n values of a distribution: `uniform(a, b, n)`, `loguniform(a, b, n)`, `normal(mean, std, "
      "n)`.\n"
      "All sampled axes together are n points (not n x n), placed as `sweep.sampling` says; they are a product with "
      "the other\n"
      "axes. `sweep.combine`, `sweep.filter` and `sweep.points_file` make other sets of points; `driftwood plan` lists "
      "them.\n\n"
      "Options marked *run* do not define a point: they can change between a run and its\n"
      "continuation; those marked *solve* belong to `driftwood solve` alone, which takes them and the others of\n"
      "[fokker_planck], single values only (there `64, 128` is one number of cells for each axis).\n";
  std::string section;
  for (const Option& each : option_table()) {
    if (each.section != section)
      text +=
          "\n## [" + each.section + "]\n\n| key | default | unit | allowed | | meaning |\n|---|---|---|---|---|---|\n";
    section = each.section;
    text += "| `" + each.name + "` | " + default_of(each) + " | " + each.unit + " | " + escaped(allowed_values(each)) +
            " | " + roles(each) + " | " + escaped(each.help) + " |\n";
  }
  return text;
}

}  // namespace driftwood::sweep
