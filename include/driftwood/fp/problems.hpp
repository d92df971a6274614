#pragma once

#include <Eigen/Core>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/initial_density.hpp"

namespace driftwood::fp {

/// What is known exactly of a density at one time.
struct ExactSolution {
  struct Moments {
    Eigen::VectorXd mean;
    Eigen::MatrixXd covariance;
  };

  /// Per unit of w; null: not known.
  std::function<double(std::span<const double> w)> density;
  /// Of one coordinate, at a point; null: not known.
  std::function<double(int axis, double w)> marginal;
  /// Below 1 behind absorbing walls.
  double mass = 1;
  /// Of what is still there.
  std::optional<Moments> moments;
};

/// A Fokker-Planck problem that someone may pose: drift and diffusion (2.1), and what is known of its solutions.
class Problem : public Coefficients {
 public:
  /// Most families' coefficients do not.
  bool depends_on_time() const override { return false; }
  /// The solution at time t >= 0 that started as `start` at 0; nothing where nothing is known.
  virtual std::optional<ExactSolution> exact(const InitialDensity& start, double t) const;
  /// ln of the stationary density up to a constant; null where it is not known or does not exist.
  virtual std::function<double(std::span<const double> w)> log_stationary() const { return {}; }
};

/// A parameter of a problem that cannot be; the message says why, and what is allowed.
struct ParameterError : ConfigError {
  ParameterError(std::string which, const std::string& why)
      : ConfigError(which + ": " + why), parameter(which), reason(why) {}
  std::string parameter;  ///< a member of ProblemParameters
  std::string reason;
};

/// A box in w with walls, where the problem has one.
struct ProblemBox {
  std::vector<double> low;  ///< d values, or empty: no box
  std::vector<double> high;
  std::vector<bool> absorbing;  ///< low and high face of every axis in turn; empty: none

  bool has_absorbing_wall() const;
};

/// What the families are made of; which of them uses what: make_problem.
struct ProblemParameters {
  std::string family;
  int dimension = 1;
  std::vector<double> diffusion{1};  ///< 1 number: D = number x identity; d: the diagonal; d x d: the matrix, row-major
  std::vector<double> drift_matrix{1};  ///< likewise
  std::vector<double> centre{0};        ///< 1 number for all axes, or d
  std::string potential;
  double coupling = 0;
  double stiffness = 1;
  double frequency = 1;
  double modulation = 0.5;
  double friction = 1;
  std::vector<double> velocity{0};  ///< 1 number for all axes, or d
  double noise = 1;
  double growth = 0;
  std::vector<double> mutation{1};  ///< 1 number for both directions, or 2
  ProblemBox box;
};

/// The names of the families, and the parameters (members of ProblemParameters) that each one uses.
///   ornstein_uhlenbeck     b = -A (w - a), D constant: drift_matrix, centre, diffusion
///   polynomial_potential   b = -grad V, D constant: potential, diffusion
///   double_well            V = sum_k (w_k^2 - 1)^2 / 4 + (coupling / 2) sum_{k<l} (w_k - w_l)^2: coupling, diffusion
///   multiplicative_noise   d = 1: dX = s^2 X / 2 dt + s sqrt(1 + X^2) dW, s = noise
///   geometric_brownian     d = 1: dX = growth X dt + noise X dW
///   wright_fisher          d = 1, on [0, 1]: dX = (m1 (1 - X) - m2 X) dt + noise sqrt(X (1 - X)) dW, m = mutation
///   time_dependent         b = -k(t) w, k = stiffness (1 + modulation sin(frequency t)), D constant: diffusion
///   kinetic                w = (position, velocity): b = (v, -stiffness w - friction v), D = diag(0, diffusion)
///   brownian               b = velocity, D constant: diffusion; with a box, its walls are felt
///   rotation               d = 2: b = -(stiffness I + frequency J) w, J = ((0, 1), (-1, 0)), D constant: diffusion
struct Family {
  std::string name;
  int dimension;  ///< 0: any
  std::vector<std::string> parameters;
};
const std::vector<Family>& problem_families();

/// Throws ParameterError for sizes, matrices and combinations that cannot be, InternalError for an unknown family.
std::unique_ptr<Problem> make_problem(const ProblemParameters& parameters);

/// A problem given on a grid of nodes.
std::unique_ptr<Problem> make_table_problem(TabulatedCoefficients coefficients);

/// The solution that has this normal mixture as density.
ExactSolution exact_mixture(InitialDensity mixture);

}  // namespace driftwood::fp
