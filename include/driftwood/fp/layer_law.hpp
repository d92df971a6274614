#pragma once

#include <span>
#include <vector>

#include "driftwood/nn/gradient_moments.hpp"

namespace driftwood::fp {

/// Independent normal laws, one a group of parameters (a layer): the densities of layers that are too large for a grid,
/// in the closure `self_consistent`. Their means and (co)variances are one vector of numbers, the state:
/// group after group its means, then its covariances (packed), or its variances where the group has none.
///
/// The moments obey (4.4) without a frame:  dm/dt = <b>,  dSigma/dt = <(v-m) b^T> + <b (v-m)^T> + 2 <D>,
/// each layer's own block of <D>, averages over the product of all laws.
class LayerLaw {
 public:
  /// `constants`: one value a parameter, of those in no group. Groups must not overlap.
  LayerLaw(std::vector<nn::ParameterGroup> groups, std::vector<double> constants);

  const std::vector<nn::ParameterGroup>& groups() const { return groups_; }
  /// Parameters in the groups: standard normal numbers that a sample needs.
  int n_varied() const { return n_varied_; }
  std::size_t n_parameters() const { return constants_.size(); }

  /// The state of independent parameters, one mean and one standard deviation a parameter of the network.
  std::vector<double> state(std::span<const double> mean, std::span<const double> std) const;

  /// Samples of all parameters (n x n_parameters): m + Sigma^(1/2) z, with the symmetric root, for the rows z of
  /// `normals` (n x n_varied). Directions whose variance is not positive do not vary.
  std::vector<double> samples(std::span<const double> state, std::span<const double> normals) const;

  /// Means and standard deviations at `state`, each in the order of the groups' positions.
  std::vector<double> means(std::span<const double> state) const;
  std::vector<double> deviations(std::span<const double> state) const;

  /// d(state)/dt by (4.4) at `state`, where `rows` are n samples of all parameters (of the groups by samples(); others
  /// may have been replaced since) and `moments` their drift and diffusion in the groups.
  std::vector<double> rates(std::span<const double> state, std::span<const double> rows,
                            const nn::GradientMoments& moments) const;

 private:
  std::vector<nn::ParameterGroup> groups_;
  std::vector<double> constants_;
  int n_varied_ = 0;
};

/// n x n_numbers standard normal numbers for averages: rows i and i + n/2 are opposite, so that odd moments vanish, and
/// the second moments are those of independent standard normal numbers (all of them where n/2 > n_numbers, else the
/// variances). n even. The same on every rank.
std::vector<double> balanced_normals(int n, int n_numbers, const CounterRandom& random);

}  // namespace driftwood::fp
