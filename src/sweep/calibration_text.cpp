#include "driftwood/sweep/calibration_text.hpp"

#include <cmath>
#include <sstream>

#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

namespace {

constexpr const char* title = "driftwood calibration 2";
constexpr const char* processor_word = "processor ";
constexpr const char* overall_kind = "*";  ///< in place of a kind

std::string line_of(const StageRates& rates, const std::string& kind) {
  std::ostringstream line;
  line.precision(6);
  line << rates.training << ' ' << rates.solve << ' ' << rates.compare << ' ' << rates.commit << ' ' << kind << '\n';
  return line.str();
}

void parse_line(const std::string& text, MachineRates& rates, bool& has_overall) {
  std::istringstream line(text);
  StageRates stages;
  std::string kind;
  std::string more;
  line >> stages.training >> stages.solve >> stages.compare >> stages.commit >> kind;
  if (!line || line >> more) throw ValueError("'" + text.substr(0, 60) + "' is no line of rates");
  for (const double rate : {stages.training, stages.solve, stages.compare, stages.commit})
    if (!(rate > 0) || !std::isfinite(rate))
      throw ValueError("'" + text.substr(0, 60) + "' has a rate that is not > 0");
  has_overall = has_overall || kind == overall_kind;
  (kind == overall_kind ? rates.overall : rates.kinds[kind]) = stages;
}

}  // namespace

std::string calibration_text(const MeasuredRates& measured) {
  std::string text = std::string(title) + '\n' + processor_word + measured.processor +
                     "\n# training, solve, comparison, file relative to nominal times; kind of work\n" +
                     line_of(measured.rates.overall, overall_kind);
  for (const auto& [kind, rates] : measured.rates.kinds) text += line_of(rates, kind);
  return text;
}

MeasuredRates parse_calibration(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != title)
    throw ValueError(std::string("the first line is not '") + title + "'");
  if (!std::getline(lines, line) || !line.starts_with(processor_word)) throw ValueError("no processor is named");
  MeasuredRates measured;
  measured.processor = line.substr(std::string(processor_word).size());
  bool has_overall = false;
  while (std::getline(lines, line))
    if (!line.empty() && line.front() != '#') parse_line(line, measured.rates, has_overall);
  if (!has_overall) throw ValueError("the line of all kinds together is missing");
  return measured;
}

}  // namespace driftwood::sweep
