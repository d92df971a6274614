#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "driftwood/core/random.hpp"

namespace driftwood::stats {

/// Mean, standard deviation, skewness and kurtosis (3 for normal) of a sample: the moments of its empirical
/// distribution (divided by n, not n - 1). Skewness and kurtosis of a constant sample are undefined: NaN.
struct Moments {
  double mean = 0;
  double std = 0;
  double skewness = 0;
  double kurtosis = 0;
};
/// Two passes about a shifted mean: no cancellation however far the sample is from 0. Throws InternalError if empty.
Moments moments(std::span<const double> sample);

/// Wasserstein-1 distance, the integral of |F - G|, between two empirical distributions (exact, ties and different
/// sizes included). Copies and sorts. Values must be finite; throws InternalError if either is empty.
double wasserstein1(std::span<const double> a, std::span<const double> b);
/// The same for samples that are sorted already.
double wasserstein1_sorted(std::span<const double> a, std::span<const double> b);

/// Kolmogorov-Smirnov distance, the largest |F - G|, between two empirical distributions (exact, as above).
double kolmogorov_smirnov(std::span<const double> a, std::span<const double> b);
/// The same for samples that are sorted already.
double kolmogorov_smirnov_sorted(std::span<const double> a, std::span<const double> b);

/// Energy distance sqrt(2 int (F - G)^2) (Szekely, Rizzo 2013), of one coordinate, between two empirical distributions:
/// the square root, so that like the others it falls as 1/sqrt(n) where they agree. Exact; sorted samples.
double energy_distance_sorted(std::span<const double> a, std::span<const double> b);

/// `n_directions` unit vectors in R^d, n_directions x d, uniform on the sphere: for sliced distances. Pure function of
/// `random`.
std::vector<double> random_directions(int dimension, int n_directions, const CounterRandom& random);

/// A random split of 0..n-1 into two halves (n/2 each, the odd one left out): the first n/2 entries are the one half,
/// the next n/2 the other (and the last entry, if n is odd, the one left out). Pure function of `random` and `split`.
std::vector<int> random_halves(int n, const CounterRandom& random, std::uint32_t split);

}  // namespace driftwood::stats
