// One-dimensional problems whose noise depends on w (Ito).
#include <algorithm>
#include <cmath>
#include <numbers>

#include "problem_parts.hpp"

namespace driftwood::fp {

namespace {

double require_positive(const char* name, double value) {
  if (!(value > 0)) throw ParameterError(name, "allowed: a number > 0");
  return value;
}

/// A mixture of one coordinate, made for many evaluations.
class LineMixture {
 public:
  explicit LineMixture(const InitialDensity& start) {
    for (const InitialDensity::Component& component : start.components) {
      const double variance = component.gaussian.covariance(0, 0);
      parts_.push_back({component.weight / std::sqrt(2 * std::numbers::pi * variance), component.gaussian.mean[0],
                        1 / (2 * variance)});
    }
  }

  double at(double x) const {
    double sum = 0;
    for (const Part& part : parts_) sum += part.height * std::exp(-(x - part.mean) * (x - part.mean) * part.steepness);
    return sum;
  }

 private:
  struct Part {
    double height;
    double mean;
    double steepness;
  };
  std::vector<Part> parts_;
};

/// The density at time t of X = F(X0, Z), Z standard normal, F(., z) increasing: int phi(z) p0(x0(z)) dx0/dx dz, where
/// `back(z)` gives x0 and dx0/dx. By the trapezoidal rule (spectrally accurate here) on steps that resolve the start.
template <class Back>
double pushed_density(const LineMixture& start, double step, const Back& back) {
  constexpr double z_max = 9;
  const int n = static_cast<int>(std::ceil(z_max / step));
  double sum = 0;
  for (int i = -n; i <= n; ++i) {
    const double z = i * step;
    const auto [origin, slope] = back(z);
    sum += std::exp(-z * z / 2) * start.at(origin) * slope;
  }
  return sum * step / std::sqrt(2 * std::numbers::pi);
}

/// A step in z that resolves a start of this relative width under noise of this strength.
double resolving_step(double width, double strength) {
  return std::clamp(0.4 * width / std::max(strength, 1e-300), 1e-3, 0.1);
}

double narrowest(const InitialDensity& start) {
  double width = std::sqrt(start.components.front().gaussian.covariance(0, 0));
  for (const InitialDensity::Component& component : start.components)
    width = std::min(width, std::sqrt(component.gaussian.covariance(0, 0)));
  return width;
}

double farthest(const InitialDensity& start) {
  double far = 0;
  for (const InitialDensity::Component& component : start.components)
    far = std::max(far, std::abs(component.gaussian.mean[0]));
  return far;
}

ExactSolution one_dimensional(std::function<double(double)> density, std::optional<ExactSolution::Moments> moments) {
  ExactSolution exact;
  exact.density = [density](std::span<const double> w) { return density(w[0]); };
  exact.marginal = [density](int /*axis*/, double w) { return density(w); };
  exact.moments = std::move(moments);
  return exact;
}

ExactSolution::Moments moments_of(double mean, double second) {
  return {Eigen::VectorXd::Constant(1, mean), Eigen::MatrixXd::Constant(1, 1, second - mean * mean)};
}

double second_moment(const InitialDensity& start) {
  return start.covariance()(0, 0) + start.mean()[0] * start.mean()[0];
}

/// Calls visit(w, drift, diffusion) at every point.
template <class Visit>
void for_points(std::span<const double> w, std::span<double> drift, std::span<double> diffusion, Visit visit) {
  for (std::size_t i = 0; i < w.size(); ++i) visit(w[i], drift[i], diffusion[i]);
}

/// dX = s^2 X / 2 dt + s sqrt(1 + X^2) dW: asinh X is a Brownian motion.
class MultiplicativeNoise : public Problem {
 public:
  explicit MultiplicativeNoise(double noise) : noise_(noise) {}
  int dimension() const override { return 1; }
  void evaluate(double /*t*/, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    for_points(w, drift, diffusion, [this](double x, double& b, double& d) {
      b = noise_ * noise_ * x / 2;
      d = noise_ * noise_ * (1 + x * x) / 2;
    });
  }

  std::optional<ExactSolution> exact(const InitialDensity& start, double t) const override {
    const double strength = noise_ * std::sqrt(t);
    // d<X>/dt = s^2 <X> / 2, d<X^2>/dt = s^2 (2 <X^2> + 1)
    const double growth = std::exp(noise_ * noise_ * t);
    const auto moments =
        moments_of(start.mean()[0] * std::sqrt(growth), (second_moment(start) + 0.5) * growth * growth - 0.5);
    const LineMixture mixture(start);
    if (t == 0) return one_dimensional([mixture](double x) { return mixture.at(x); }, moments);
    const double step = resolving_step(narrowest(start) / (1 + farthest(start)), strength);
    const auto density = [mixture, strength, step](double x) {
      const double y = std::asinh(x);
      return pushed_density(mixture, step, [&](double z) {
        const double origin = y - strength * z;
        return std::pair{std::sinh(origin), std::cosh(origin) / std::cosh(y)};
      });
    };
    return one_dimensional(density, moments);
  }

 private:
  double noise_;
};

/// dX = growth X dt + s X dW: ln X is a Brownian motion with drift.
class GeometricBrownian : public Problem {
 public:
  GeometricBrownian(double growth, double noise) : growth_(growth), noise_(noise) {}
  int dimension() const override { return 1; }
  void evaluate(double /*t*/, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    for_points(w, drift, diffusion, [this](double x, double& b, double& d) {
      b = growth_ * x;
      d = noise_ * noise_ * x * x / 2;
    });
  }

  std::optional<ExactSolution> exact(const InitialDensity& start, double t) const override {
    const double strength = noise_ * std::sqrt(t);
    const auto moments = moments_of(start.mean()[0] * std::exp(growth_ * t),
                                    second_moment(start) * std::exp((2 * growth_ + noise_ * noise_) * t));
    const LineMixture mixture(start);
    if (t == 0) return one_dimensional([mixture](double x) { return mixture.at(x); }, moments);
    const double shift = (growth_ - noise_ * noise_ / 2) * t;
    const double width = narrowest(start) / std::max(farthest(start), narrowest(start));
    const double step = resolving_step(width, strength);
    const auto density = [mixture, strength, shift, step](double x) {
      return pushed_density(mixture, step, [&](double z) {
        const double factor = std::exp(-shift - strength * z);
        return std::pair{x * factor, factor};
      });
    };
    return one_dimensional(density, moments);
  }

 private:
  double growth_;
  double noise_;
};

/// dX = (m1 (1 - X) - m2 X) dt + s sqrt(X (1 - X)) dW on [0, 1]; stationary: Beta(2 m1 / s^2, 2 m2 / s^2).
class WrightFisher : public Problem {
 public:
  WrightFisher(double up, double down, double noise) : up_(up), down_(down), noise_(noise) {}
  int dimension() const override { return 1; }
  void evaluate(double /*t*/, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    for_points(w, drift, diffusion, [this](double x, double& b, double& d) {
      b = up_ * (1 - x) - down_ * x;
      d = std::max(0.0, noise_ * noise_ * x * (1 - x) / 2);
    });
  }

  /// The moments' equations close: the mean relaxes, the second moment follows it.
  std::optional<ExactSolution> exact(const InitialDensity& start, double t) const override {
    const double rate = up_ + down_;
    const double fast = 2 * rate + noise_ * noise_;
    const double source = 2 * up_ + noise_ * noise_;  // d<X^2>/dt = source <X> - fast <X^2>
    const double last = up_ / rate;
    const double away = start.mean()[0] - last;
    const double a = source * last / fast;
    const double b = source * away / (fast - rate);
    const double second = a + b * std::exp(-rate * t) + (second_moment(start) - a - b) * std::exp(-fast * t);
    ExactSolution exact;
    exact.moments = moments_of(last + away * std::exp(-rate * t), second);
    return exact;
  }

  std::function<double(std::span<const double>)> log_stationary() const override {
    const double a = 2 * up_ / (noise_ * noise_) - 1;
    const double b = 2 * down_ / (noise_ * noise_) - 1;
    return [a, b](std::span<const double> w) { return a * std::log(w[0]) + b * std::log1p(-w[0]); };
  }

 private:
  double up_;
  double down_;
  double noise_;
};

}  // namespace

std::unique_ptr<Problem> make_multiplicative_noise(const ProblemParameters& parameters) {
  return std::make_unique<MultiplicativeNoise>(require_positive("noise", parameters.noise));
}

std::unique_ptr<Problem> make_geometric_brownian(const ProblemParameters& parameters) {
  return std::make_unique<GeometricBrownian>(parameters.growth, require_positive("noise", parameters.noise));
}

std::unique_ptr<Problem> make_wright_fisher(const ProblemParameters& parameters) {
  const Eigen::VectorXd mutation = vector_of("mutation", parameters.mutation, 2);
  if (!(mutation.minCoeff() > 0)) throw ParameterError("mutation", "allowed: 1 or 2 numbers > 0");
  return std::make_unique<WrightFisher>(mutation[0], mutation[1], require_positive("noise", parameters.noise));
}

}  // namespace driftwood::fp
