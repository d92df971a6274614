#pragma once

#include <algorithm>
#include <span>

namespace driftwood::fp {

/// The density within one cell (Colella, Woodward 1984), x = 0..1 from its left to its right end; its integral is the
/// cell's mass.
struct Parabola {
  double left = 0;
  double right = 0;
  double bend = 0;  ///< 6 (mean - (left + right) / 2)

  double at(double x) const { return std::max(0.0, left + x * (right - left + bend * (1 - x))); }
  /// The integral over [a, b], exact by Simpson's rule.
  double integral(double a, double b) const { return (b - a) / 6 * (at(a) + 4 * at((a + b) / 2) + at(b)); }
};

/// Of cell i among cells of these masses, all of one width; so limited that the density stays between its neighbours'
/// values.
Parabola limited_parabola(std::span<const double> mass, int i);

/// The same without the limits where it is positive without them: peaks keep their height, at fourth order.
Parabola positive_parabola(std::span<const double> mass, int i);

/// positive_parabola in a local maximum or minimum and next to it, limited_parabola elsewhere: what is monotone stays
/// so, and peaks keep their height.
Parabola peaked_parabola(std::span<const double> mass, int i);

}  // namespace driftwood::fp
