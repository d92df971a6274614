#include "driftwood/sweep/identity.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace driftwood::sweep {

std::uint64_t content_hash(std::string_view bytes) {
  std::uint64_t state = 0xcbf29ce484222325U;
  for (const char byte : bytes) state = (state ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9U;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebU;
  return state ^ (state >> 31);
}

std::string hex_digits(std::uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

std::uint64_t identity_hash(const std::vector<std::pair<std::string, std::string>>& canonical) {
  std::string lines;
  for (const auto& [key, value] : canonical) lines += key + '=' + value + '\n';
  return content_hash(lines);
}

std::uint32_t ensemble_key(const std::vector<std::pair<std::string, std::string>>& canonical) {
  // How long, how many and when it is looked at does not change a replica's path; the seed is a key of its own.
  constexpr std::array ignored{"training.replicas", "training.time", "training.snapshot"};
  constexpr std::array defining{"data.", "network.", "initial.", "training.", "run.repeat"};
  // Options that came later leave the paths of older studies as they were.
  const std::array<std::pair<std::string, std::string>, 4> without_effect{{{"data.test_fraction", "0"},
                                                                           {"initial.dataset", "parameters"},
                                                                           {"initial.hash", ""},
                                                                           {"network.tracked_weights", ""}}};
  std::vector<std::pair<std::string, std::string>> kept;
  for (const auto& each : canonical) {
    const auto starts = [&](const char* prefix) { return each.first.rfind(prefix, 0) == 0; };
    if (std::any_of(defining.begin(), defining.end(), starts) && std::none_of(ignored.begin(), ignored.end(), starts) &&
        std::find(without_effect.begin(), without_effect.end(), each) == without_effect.end())
      kept.push_back(each);
  }
  return static_cast<std::uint32_t>(identity_hash(kept));
}

}  // namespace driftwood::sweep
