// Problems whose drift is linear in w and whose diffusion is constant: a normal density stays normal.
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <utility>

#include "driftwood/fp/exact_solutions.hpp"
#include "problem_parts.hpp"

namespace driftwood::fp {

namespace {

/// b = -A (w - a), constant D.
class LinearProblem : public Problem {
 public:
  LinearProblem(const Eigen::MatrixXd& drift_matrix, const Eigen::VectorXd& centre, const Eigen::MatrixXd& diffusion)
      : process_(drift_matrix, centre, diffusion),
        slowest_(Eigen::EigenSolver<Eigen::MatrixXd>(drift_matrix).eigenvalues().real().minCoeff()) {}

  int dimension() const override { return process_.dimension(); }
  void evaluate(double t, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    process_.evaluate(t, w, drift, diffusion);
  }

  std::optional<ExactSolution> exact(const InitialDensity& start, double t) const override {
    InitialDensity evolved = start;
    for (InitialDensity::Component& component : evolved.components)
      component.gaussian = process_.evolve(component.gaussian, t);
    return exact_mixture(std::move(evolved));
  }

  std::function<double(std::span<const double>)> log_stationary() const override {
    if (!(slowest_ > 0)) return {};
    const int d = dimension();
    const Gaussian any{Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Identity(d, d)};
    const Gaussian last = process_.evolve(any, 40 / slowest_);
    const Eigen::FullPivLU<Eigen::MatrixXd> factor(last.covariance);
    if (!factor.isInvertible()) return {};
    return [mean = last.mean, inverse = Eigen::MatrixXd(factor.inverse())](std::span<const double> w) {
      const Eigen::VectorXd away = Eigen::Map<const Eigen::VectorXd>(w.data(), mean.size()) - mean;
      return -away.dot(inverse * away) / 2;
    };
  }

 private:
  OrnsteinUhlenbeck process_;
  double slowest_;  ///< smallest real part of A's eigenvalues
};

/// b = -k(t) w with k(t) = k0 (1 + k1 sin(omega t)), constant D.
class TimeDependent : public Problem {
 public:
  TimeDependent(double stiffness, double modulation, double frequency, Eigen::MatrixXd diffusion)
      : stiffness_(stiffness), modulation_(modulation), frequency_(frequency), diffusion_(std::move(diffusion)) {}

  int dimension() const override { return static_cast<int>(diffusion_.rows()); }
  bool depends_on_time() const override { return true; }
  void evaluate(double t, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    const double k = stiffness_ * (1 + modulation_ * std::sin(frequency_ * t));
    for (std::size_t i = 0; i < w.size(); ++i) drift[i] = -k * w[i];
    fill_diffusion(diffusion_, diffusion);
  }

  std::optional<ExactSolution> exact(const InitialDensity& start, double t) const override {
    const double decay = std::exp(-integral(t));
    const Eigen::MatrixXd added = 2 * diffusion_ * noise_integral(t);
    InitialDensity evolved = start;
    for (InitialDensity::Component& component : evolved.components) {
      component.gaussian.mean *= decay;
      component.gaussian.covariance = decay * decay * component.gaussian.covariance + added;
    }
    return exact_mixture(std::move(evolved));
  }

 private:
  /// int_0^t k(s) ds
  double integral(double t) const {
    // (1 - cos(omega t)) / omega without cancellation, and 0 for omega = 0.
    const double half = frequency_ * t / 2;
    const double ramp = half == 0 ? 0 : t * std::sin(half) * std::sin(half) / half;
    return stiffness_ * (t + modulation_ * ramp);
  }

  /// int_0^t exp(-2 int_s^t k) ds by Simpson's rule, on steps short for k and for the modulation.
  double noise_integral(double t) const {
    const double fastest = std::abs(stiffness_) * (1 + std::abs(modulation_)) + std::abs(frequency_);
    const int n = 2 * static_cast<int>(std::min(1e5, 100 + 100 * fastest * t));
    const double whole = integral(t);
    double sum = 0;
    for (int i = 0; i <= n; ++i) {
      const double weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * std::exp(-2 * (whole - integral(t * i / n)));
    }
    return sum * t / (3.0 * n);
  }

  double stiffness_;
  double modulation_;
  double frequency_;
  Eigen::MatrixXd diffusion_;
};

/// The kinetic family's tensor: one number for the velocity, or both diagonal entries.
Eigen::MatrixXd kinetic_diffusion(const ProblemParameters& parameters) {
  if (parameters.diffusion.size() != 1) return diffusion_of(parameters);
  Eigen::MatrixXd matrix = diffusion_of(parameters);
  matrix(0, 0) = 0;
  return matrix;
}

}  // namespace

std::unique_ptr<Problem> make_linear_problem(const ProblemParameters& parameters) {
  const int d = parameters.dimension;
  if (parameters.family == "ornstein_uhlenbeck")
    return std::make_unique<LinearProblem>(matrix_of("drift_matrix", parameters.drift_matrix, d),
                                           vector_of("centre", parameters.centre, d), diffusion_of(parameters));
  Eigen::MatrixXd drift(2, 2);
  if (parameters.family == "kinetic") {
    drift << 0, -1, parameters.stiffness, parameters.friction;
    return std::make_unique<LinearProblem>(drift, Eigen::VectorXd::Zero(2), kinetic_diffusion(parameters));
  }
  drift << parameters.stiffness, parameters.frequency, -parameters.frequency, parameters.stiffness;
  return std::make_unique<LinearProblem>(drift, Eigen::VectorXd::Zero(2), diffusion_of(parameters));
}

std::unique_ptr<Problem> make_time_dependent(const ProblemParameters& parameters) {
  return std::make_unique<TimeDependent>(parameters.stiffness, parameters.modulation, parameters.frequency,
                                         diffusion_of(parameters));
}

}  // namespace driftwood::fp
