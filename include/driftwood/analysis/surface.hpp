#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "driftwood/core/random.hpp"

/// The stochastic KPZ equation on periodic lattices, d_t h = nu lap h + (lambda / 2) |grad h|^2 + sqrt(2 Gamma) eta
/// (equations.md section 8), and what is measured on it. Pure functions; replicas may be shared among ranks in any way.
namespace driftwood::analysis {

struct SurfaceModel {
  int dimension = 1;        ///< 1 or 2
  int n_sites = 256;        ///< along each axis
  double tension = 1;       ///< nu > 0
  double nonlinearity = 0;  ///< lambda; 0: Edwards-Wilkinson
  double noise = 1;         ///< Gamma > 0
  double spacing = 1;
  double step = 0.05;  ///< of time; stable below spacing^2 / (2 dimension nu)

  long n_cells() const { return dimension == 1 ? n_sites : static_cast<long>(n_sites) * n_sites; }
};

/// One replica, flat at time 0. Lam and Shin's discretisation (1998) of |grad h|^2, per axis (a^2 + a b + b^2) / 3 with
/// the slopes a, b to both sides, which in one dimension leaves the stationary density of lambda = 0 as it is; Euler
/// and Maruyama's steps. The noise of a site and step is uniform with the variance 2 Gamma step / spacing^d: a pure
/// function of random key, replica, step and site.
class Surface {
 public:
  /// Throws InternalError for a model that cannot be, or a step that is not stable.
  Surface(const SurfaceModel& model, const CounterRandom& random, std::uint64_t replica);

  void advance(long n_steps);
  double time() const { return static_cast<double>(step_) * model_.step; }
  const std::vector<double>& heights() const { return heights_; }
  /// Mean square distance to the mean height.
  double squared_roughness() const;
  /// sum_x h(x) exp(-2 pi i m x / n_sites) along an axis, over all cells.
  std::complex<double> mode(int axis, int m) const;

 private:
  void advance_line();
  void advance_plane();
  void draw_noise();

  SurfaceModel model_;
  CounterRandom random_;
  std::uint64_t replica_;
  std::uint32_t step_ = 0;
  std::vector<double> heights_;
  std::vector<double> next_;
  std::vector<double> noise_;
};

/// The lattice's wave number k^ = (2 / spacing) sin(pi m / n_sites).
double lattice_wave_number(const SurfaceModel& model, int m);
/// <|h_m|^2> / n_cells of the scheme with lambda = 0 after some steps from flat, exactly: every mode is a Markov chain
/// of its own, h' = (1 - nu k^2 step) h + noise. After many steps Gamma / (nu k^2 (1 - nu k^2 step / 2)) / spacing^d.
double edwards_wilkinson_structure(const SurfaceModel& model, int m, long n_steps);

/// The slope of ln y over ln x by least squares. Throws InternalError for fewer than two points or values that are not
/// positive.
double power_law(std::span<const double> x, std::span<const double> y);

/// beta of W^2 = A t^(2 beta) + B, whose constant (the lattice's own roughness) drops out of the differences between
/// `times` that double: half the slope of ln(W^2(2t) - W^2(t)) over ln t.
double growth_exponent(std::span<const double> times, std::span<const double> squared_roughness);

/// Where a correlation that falls from 1 at time 0 is `level`, by interpolation of ln(time) between `times` (ascending,
/// > 0); NaN where it does not get there.
double decay_time(std::span<const double> times, std::span<const double> correlation, double level);

}  // namespace driftwood::analysis
