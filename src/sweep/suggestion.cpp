#include "driftwood/sweep/suggestion.hpp"

#include <algorithm>
#include <cstdlib>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

int edit_distance(std::string_view a, std::string_view b) {
  const std::size_t columns = b.size() + 1;
  std::vector<int> table((a.size() + 1) * columns);
  const auto at = [&](std::size_t i, std::size_t j) -> int& { return table[i * columns + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = static_cast<int>(i);
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int substituted = at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
      at(i, j) = std::min(std::min(at(i - 1, j), at(i, j - 1)) + 1, substituted);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return table.back();
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest_word = 100;  // beyond, it is no misspelling
  if (word.size() > longest_word || candidates.empty()) return "";
  std::string_view nearest;
  int least = static_cast<int>(std::max<std::size_t>(word.size() / 3, 2)) + 1;
  for (const std::string& candidate : candidates) {
    const auto difference = static_cast<int>(candidate.size()) - static_cast<int>(word.size());
    if (std::abs(difference) >= least) continue;  // each of these letters is an edit
    const int distance = edit_distance(word, candidate);
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

std::string did_you_mean_option(std::string_view key, Scope scope) {
  if (find_option(key) != nullptr)
    return std::string("; it is a key of `driftwood ") + (scope == Scope::sweep ? "solve`" : "run`");
  const std::string_view name = key.substr(key.find('.') == std::string_view::npos ? 0 : key.find('.') + 1);
  std::vector<std::string> keys;
  for (const Option& each : option_table()) {
    if (!each.is_known(scope)) continue;
    if (each.name == name) return "; did you mean '" + each.key() + "'?";
    keys.push_back(each.key());
  }
  return did_you_mean(key, keys);
}

}  // namespace driftwood::sweep
