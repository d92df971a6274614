#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/sweep/sweep_text.hpp"

namespace driftwood::sweep {

/// The message of the ConfigError that `action` throws; fails where it throws none.
template <class Action>
std::string config_error(Action&& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no ConfigError was thrown";
  return "";
}

/// A valid sweep of one point, with the given settings on top.
inline SweepText text_with(const std::vector<std::pair<std::string, std::string>>& settings) {
  SweepText text;
  text.set("data.file", {"/somewhere/iris.csv", "here:1"});
  text.set("data.hash", {"0123456789abcdef", "content"});
  text.set("network.widths", {"4-1-1-4", "here:2"});
  int line = 3;
  for (const auto& [key, value] : settings) text.set(key, {value, "here:" + std::to_string(line++)});
  return text;
}

}  // namespace driftwood::sweep
