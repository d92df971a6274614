#pragma once

#include <string>

#include "driftwood/sweep/cost.hpp"

namespace driftwood::sweep {

/// What was measured, and on which processor.
struct MeasuredRates {
  std::string processor;
  MachineRates rates;
};

/// The lines of a calibration file.
std::string calibration_text(const MeasuredRates& measured);

/// What calibration_text wrote. Throws ValueError for anything else, rates that are no numbers > 0 included.
MeasuredRates parse_calibration(const std::string& text);

}  // namespace driftwood::sweep
