#pragma once

#include "driftwood/core/random.hpp"
#include "driftwood/data/dataset.hpp"

namespace driftwood::data {

/// Generated data sets: pure functions of their arguments and of `random` (purpose data_sample, replica = sample).
/// `noise` is the standard deviation of normal noise added to every feature. None is collective.

/// Normal samples with mean 0 and covariance diag(1, 2^-decay, 3^-decay, ...).
Dataset gaussian(int n_samples, int n_features, double decay, const CounterRandom& random);

/// Equally likely clusters with normal centres of standard deviation `separation`.
Dataset mixture(int n_samples, int n_features, int n_clusters, double separation, double noise,
                const CounterRandom& random);

/// The unit circle, two features.
Dataset ring(int n_samples, double noise, const CounterRandom& random);

/// Two interleaved half circles, two features: (cos a, sin a) and (1 - cos a, 1/2 - sin a), a in [0, pi].
Dataset two_moons(int n_samples, double noise, const CounterRandom& random);

/// A rolled-up sheet, three features: (a cos a, 21 u, a sin a) / 10, a in [3 pi/2, 9 pi/2], u in [0, 1].
Dataset swiss_roll(int n_samples, double noise, const CounterRandom& random);

/// Spins +-1 of the two-dimensional Ising model on an L x L torus at `temperature` (J = k_B = 1), n_features = L^2:
/// heat-bath sweeps of one chain, 500 before the first sample and 10 between samples. Throws ConfigError unless
/// n_features is a square and L is even.
Dataset ising(int n_samples, int n_features, double temperature, const CounterRandom& random);

}  // namespace driftwood::data
