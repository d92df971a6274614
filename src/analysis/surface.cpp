#include "driftwood/analysis/surface.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "driftwood/core/error.hpp"

namespace driftwood::analysis {

namespace {

/// nu (a - b) / dx + (lambda / 2) (a^2 + a b + b^2) / 3 for the slopes b below and a above, in units of the spacing.
struct Growth {
  double curvature;
  double gradient;
  double operator()(double below, double here, double above) const {
    const double a = above - here;
    const double b = here - below;
    return curvature * (a - b) + gradient * (a * a + a * b + b * b);
  }
};

Growth growth_of(const SurfaceModel& model) {
  const double per_square = model.step / (model.spacing * model.spacing);
  return {model.tension * per_square, model.nonlinearity / 6 * per_square};
}

}  // namespace

Surface::Surface(const SurfaceModel& model, const CounterRandom& random, std::uint64_t replica)
    : model_(model), random_(random), replica_(replica) {
  const bool is_possible = (model.dimension == 1 || model.dimension == 2) && model.n_sites >= 4 && model.tension > 0 &&
                           model.noise > 0 && model.spacing > 0 && model.step > 0;
  if (!is_possible || model.n_cells() / 4 >= (1 << 24)) throw InternalError("no surface of this kind");
  if (2 * model.dimension * model.tension * model.step > model.spacing * model.spacing)
    throw InternalError("the surface's step is not stable");
  heights_.assign(model.n_cells(), 0.0);
  next_ = heights_;
  noise_.assign((model.n_cells() + 3) / 4 * 4, 0.0);
}

void Surface::draw_noise() {
  // A word's middle on (-1, 1) times the width of a uniform number with this variance.
  const double width = std::sqrt(3 * 2 * model_.noise * model_.step / std::pow(model_.spacing, model_.dimension));
  constexpr double per_word = 1.0 / 2147483648.0;
  for (std::size_t at = 0; at < noise_.size(); at += 4) {
    const auto words = random_.block(RandomPurpose::surface_noise, static_cast<std::uint32_t>(at / 4), step_, replica_);
    for (int i = 0; i < 4; ++i) noise_[at + i] = width * ((words[i] + 0.5) * per_word - 1);
  }
}

void Surface::advance(long n_steps) {
  for (long i = 0; i < n_steps; ++i) {
    draw_noise();
    if (model_.dimension == 1)
      advance_line();
    else
      advance_plane();
    heights_.swap(next_);
    ++step_;
  }
}

void Surface::advance_line() {
  const Growth growth = growth_of(model_);
  const int n = model_.n_sites;
  const double* h = heights_.data();
  next_[0] = h[0] + growth(h[n - 1], h[0], h[1]) + noise_[0];
  for (int i = 1; i < n - 1; ++i) next_[i] = h[i] + growth(h[i - 1], h[i], h[i + 1]) + noise_[i];
  next_[n - 1] = h[n - 1] + growth(h[n - 2], h[n - 1], h[0]) + noise_[n - 1];
}

void Surface::advance_plane() {
  const Growth growth = growth_of(model_);
  const int n = model_.n_sites;
  for (int i = 0; i < n; ++i) {
    const double* row = &heights_[static_cast<std::size_t>(i) * n];
    const double* below = &heights_[static_cast<std::size_t>((i + n - 1) % n) * n];
    const double* above = &heights_[static_cast<std::size_t>((i + 1) % n) * n];
    for (int j = 0; j < n; ++j) {
      const std::size_t cell = static_cast<std::size_t>(i) * n + j;
      next_[cell] = row[j] + growth(below[j], row[j], above[j]) +
                    growth(row[j == 0 ? n - 1 : j - 1], row[j], row[j == n - 1 ? 0 : j + 1]) + noise_[cell];
    }
  }
}

double Surface::squared_roughness() const {
  double mean = 0;
  for (const double h : heights_) mean += h;
  mean /= static_cast<double>(heights_.size());
  double sum = 0;
  for (const double h : heights_) sum += (h - mean) * (h - mean);
  return sum / static_cast<double>(heights_.size());
}

std::complex<double> Surface::mode(int axis, int m) const {
  const int n = model_.n_sites;
  std::vector<double> along(n, 0.0);
  for (std::size_t cell = 0; cell < heights_.size(); ++cell)
    along[model_.dimension == 2 && axis == 0 ? cell / n : cell % n] += heights_[cell];
  std::complex<double> sum = 0;
  for (int x = 0; x < n; ++x) {
    const double angle = -2 * std::numbers::pi * (static_cast<long>(m) * x % n) / n;
    sum += along[x] * std::complex<double>(std::cos(angle), std::sin(angle));
  }
  return sum;
}

double lattice_wave_number(const SurfaceModel& model, int m) {
  return 2 / model.spacing * std::sin(std::numbers::pi * m / model.n_sites);
}

double edwards_wilkinson_structure(const SurfaceModel& model, int m, long n_steps) {
  const double kept = 1 - model.tension * std::pow(lattice_wave_number(model, m), 2) * model.step;
  const double noise = 2 * model.noise * model.step / std::pow(model.spacing, model.dimension);
  return noise * (1 - std::pow(kept * kept, static_cast<double>(n_steps))) / (1 - kept * kept);
}

double power_law(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size() || x.size() < 2) throw InternalError("a power law needs two points");
  double sx = 0;
  double sy = 0;
  double sxx = 0;
  double sxy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(x[i] > 0 && y[i] > 0)) throw InternalError("a power law needs positive values");
    sx += std::log(x[i]);
    sy += std::log(y[i]);
    sxx += std::log(x[i]) * std::log(x[i]);
    sxy += std::log(x[i]) * std::log(y[i]);
  }
  const auto n = static_cast<double>(x.size());
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

double growth_exponent(std::span<const double> times, std::span<const double> squared_roughness) {
  std::vector<double> differences;
  for (std::size_t i = 0; i + 1 < times.size(); ++i)
    differences.push_back(squared_roughness[i + 1] - squared_roughness[i]);
  return power_law(times.first(differences.size()), differences) / 2;
}

double decay_time(std::span<const double> times, std::span<const double> correlation, double level) {
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (!(correlation[i] <= level)) continue;
    const double share = (correlation[i - 1] - level) / (correlation[i - 1] - correlation[i]);
    return times[i - 1] * std::pow(times[i] / times[i - 1], share);
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace driftwood::analysis
