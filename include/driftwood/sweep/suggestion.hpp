#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "driftwood/sweep/option.hpp"

namespace driftwood::sweep {

/// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
int edit_distance(std::string_view a, std::string_view b);

/// "; did you mean 'x'?" with the candidate nearest to `word`, or "" where none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// The same for a key that no option of this scope has: an option of that name in another section comes first. For a key
/// that the other commands know: "; it is a key of `driftwood solve`".
std::string did_you_mean_option(std::string_view key, Scope scope);

}  // namespace driftwood::sweep
