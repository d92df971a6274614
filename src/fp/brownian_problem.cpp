// Brownian motion with constant drift, free or in a box: the images of every wall (exact as far as the start lies
// inside).
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "problem_parts.hpp"

namespace driftwood::fp {

namespace {

double normal_below(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

/// One axis of a box: dX = v dt + sqrt(2 D) dW from N(mean, variance), between walls that absorb or (v = 0) reflect.
///
/// With a = v / 2D, p = exp(a x - a^2 D t) q where q diffuses without drift, so that images make it vanish (absorbing)
/// or flat (reflecting, only without drift) at the walls. x is measured from the low wall.
class BoxAxis {
 public:
  BoxAxis(double low, double high, bool absorbing_low, bool absorbing_high, double velocity, double diffusion)
      : low_(low),
        length_(high - low),
        sign_low_(absorbing_low ? -1 : 1),
        sign_high_(absorbing_high ? -1 : 1),
        slope_(velocity / (2 * diffusion)),
        diffusion_(diffusion) {}

  struct Image {
    double amplitude;
    double centre;
  };

  struct Solution {
    std::vector<Image> images;
    double variance;
    double slope;
    double low;
    double high;

    double at(double w) const {
      if (w < low || w > high) return 0;
      double sum = 0;
      for (const Image& image : images) sum += image.amplitude * std::exp(exponent(w - low, image.centre));
      return std::max(0.0, sum / std::sqrt(2 * std::numbers::pi * variance));
    }

    /// int p dx
    double mass() const {
      const double width = std::sqrt(variance);
      double sum = 0;
      for (const Image& image : images) {
        const double centre = image.centre + slope * variance;
        const double factor = std::exp(slope * image.centre + slope * slope * variance / 2);
        sum += image.amplitude * factor * (normal_below((high - low - centre) / width) - normal_below(-centre / width));
      }
      return sum;
    }

    double exponent(double x, double centre) const { return slope * x - (x - centre) * (x - centre) / (2 * variance); }
  };

  Solution solve(double mean, double variance, double t) const {
    const double start = mean - low_;
    const double centre = start - slope_ * variance;
    const double amplitude =
        std::exp(-slope_ * start + slope_ * slope_ * variance / 2 - slope_ * slope_ * diffusion_ * t);
    Solution solution{{}, variance + 2 * diffusion_ * t, slope_, low_, low_ + length_};
    const int n = 2 + static_cast<int>(std::ceil(5 * std::sqrt(solution.variance) / length_));
    for (int i = -n; i <= n; ++i) {
      const double sign = i % 2 == 0 ? 1 : sign_low_ * sign_high_;
      solution.images.push_back({sign * amplitude, 2 * i * length_ + centre});
      solution.images.push_back({sign * amplitude * sign_low_, 2 * i * length_ - centre});
    }
    return solution;
  }

 private:
  double low_;
  double length_;
  double sign_low_;
  double sign_high_;
  double slope_;
  double diffusion_;
};

class Brownian : public Problem {
 public:
  Brownian(Eigen::VectorXd velocity, Eigen::MatrixXd diffusion, ProblemBox box)
      : velocity_(std::move(velocity)), diffusion_(std::move(diffusion)), box_(std::move(box)) {}

  int dimension() const override { return static_cast<int>(velocity_.size()); }
  void evaluate(double /*t*/, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    const auto d = static_cast<std::size_t>(dimension());
    for (std::size_t i = 0; i < w.size(); ++i) drift[i] = velocity_[static_cast<Eigen::Index>(i % d)];
    fill_diffusion(diffusion_, diffusion);
  }

  std::optional<ExactSolution> exact(const InitialDensity& start, double t) const override {
    if (!box_.low.empty()) return in_box(start, t);
    InitialDensity evolved = start;
    for (InitialDensity::Component& component : evolved.components) {
      component.gaussian.mean += t * velocity_;
      component.gaussian.covariance += 2 * t * diffusion_;
    }
    return exact_mixture(std::move(evolved));
  }

 private:
  bool absorbs(int face) const { return !box_.absorbing.empty() && box_.absorbing[static_cast<std::size_t>(face)]; }

  /// Whether the axes are independent and their images known.
  bool is_solvable(const InitialDensity& start) const {
    if (!diffusion_.isDiagonal(0.0) || !(diffusion_.diagonal().minCoeff() > 0)) return false;
    for (int k = 0; k < dimension(); ++k)
      if (velocity_[k] != 0 && !(absorbs(2 * k) && absorbs(2 * k + 1))) return false;
    return std::all_of(start.components.begin(), start.components.end(),
                       [](const auto& component) { return component.gaussian.covariance.isDiagonal(0.0); });
  }

  struct Component {
    double weight;
    std::vector<BoxAxis::Solution> axes;
  };

  std::vector<Component> components(const InitialDensity& start, double t) const {
    std::vector<Component> all;
    for (const InitialDensity::Component& component : start.components) {
      Component solved{component.weight, {}};
      for (int k = 0; k < dimension(); ++k)
        solved.axes.push_back(
            BoxAxis(box_.low[k], box_.high[k], absorbs(2 * k), absorbs(2 * k + 1), velocity_[k], diffusion_(k, k))
                .solve(component.gaussian.mean[k], component.gaussian.covariance(k, k), t));
      all.push_back(std::move(solved));
    }
    return all;
  }

  std::optional<ExactSolution> in_box(const InitialDensity& start, double t) const {
    if (!is_solvable(start)) return std::nullopt;
    const std::vector<Component> all = components(start, t);
    ExactSolution exact;
    exact.mass = 0;
    for (const Component& component : all) {
      double mass = component.weight;
      for (const auto& axis : component.axes) mass *= axis.mass();
      exact.mass += mass;
    }
    exact.density = [all](std::span<const double> w) {
      double sum = 0;
      for (const Component& component : all) {
        double product = component.weight;
        for (std::size_t k = 0; k < w.size(); ++k) product *= component.axes[k].at(w[k]);
        sum += product;
      }
      return sum;
    };
    exact.marginal = [all](int axis, double w) {
      double sum = 0;
      for (const Component& component : all) {
        double product = component.weight;
        for (int k = 0; k < static_cast<int>(component.axes.size()); ++k)
          product *= k == axis ? component.axes[k].at(w) : component.axes[k].mass();
        sum += product;
      }
      return sum;
    };
    return exact;
  }

  Eigen::VectorXd velocity_;
  Eigen::MatrixXd diffusion_;
  ProblemBox box_;
};

}  // namespace

std::unique_ptr<Problem> make_brownian(const ProblemParameters& parameters) {
  return std::make_unique<Brownian>(vector_of("velocity", parameters.velocity, parameters.dimension),
                                    diffusion_of(parameters), parameters.box);
}

}  // namespace driftwood::fp
