#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftwood::sweep {

/// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
int edit_distance(std::string_view a, std::string_view b);

/// "; did you mean 'x'?" with the candidate nearest to `word`, or "" where none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// The same for a key that no option has: an option of that name in another section comes first.
std::string did_you_mean_option(std::string_view key);

}  // namespace driftwood::sweep
