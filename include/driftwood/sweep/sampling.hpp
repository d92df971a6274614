#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace driftwood::sweep {

/// Where the points of sampled axes lie: independent draws; one in each of n equally likely slices of every axis
/// (M. McKay, R. Beckman, W. Conover 1979); or the first n points of Sobol's sequence, moved by a random digital shift.
enum class Design { random, latin, sobol };

/// What the numbers of one sampled axis depend on, besides its key.
struct Sampler {
  Design design = Design::random;
  std::uint32_t seed = 1;
  int place = 0;  ///< number of the axis among the sampled ones, the coordinate of Sobol's sequence
};

/// n numbers in (0, 1) for the axis `key`. With `random` and `sobol` the first numbers are those of a smaller n.
std::vector<double> unit_samples(const Sampler& sampler, std::string_view key, int n);

/// x with P(X <= x) = `probability` for a standard normal X; probability in (0, 1).
double normal_quantile(double probability);

}  // namespace driftwood::sweep
