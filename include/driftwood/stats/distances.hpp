#pragma once

#include <span>
#include <vector>

#include "driftwood/core/random.hpp"

namespace driftwood::stats {

/// Mean, standard deviation, skewness and kurtosis (3 for normal) of a sample.
struct Moments {
  double mean = 0;
  double std = 0;
  double skewness = 0;
  double kurtosis = 0;
};
Moments moments(std::span<const double> sample);

/// Wasserstein-1 distance, the integral of |F - G|, between two empirical distributions (exact). Copies and sorts.
double wasserstein1(std::span<const double> a, std::span<const double> b);
/// The same for samples that are sorted already.
double wasserstein1_sorted(std::span<const double> a, std::span<const double> b);

/// Kolmogorov-Smirnov distance, the largest |F - G|, between two empirical distributions (exact).
double kolmogorov_smirnov(std::span<const double> a, std::span<const double> b);
double kolmogorov_smirnov_sorted(std::span<const double> a, std::span<const double> b);

/// `n_directions` unit vectors in R^d, n_directions x d, uniform on the sphere: for sliced distances. Pure function of
/// `random`.
std::vector<double> random_directions(int dimension, int n_directions, const CounterRandom& random);

/// A random split of 0..n-1 into two halves (n/2 each, the odd one left out): the first n/2 entries are the one half, the
/// next n/2 the other. Pure function of `random` and `split`.
std::vector<int> random_halves(int n, const CounterRandom& random, std::uint32_t split);

}  // namespace driftwood::stats
