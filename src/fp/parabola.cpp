#include "parabola.hpp"

namespace driftwood::fp {

namespace {

double value_at(std::span<const double> mass, int k) {
  return mass[static_cast<std::size_t>(std::clamp(k, 0, static_cast<int>(mass.size()) - 1))];
}

/// The density between cells k - 1 and k.
double edge_value(std::span<const double> mass, int k) {
  return (7 * (value_at(mass, k - 1) + value_at(mass, k)) - (value_at(mass, k - 2) + value_at(mass, k + 1))) / 12;
}

Parabola parabola(double mean, double left, double right) {
  return {left, right, 6 * (mean - (left + right) / 2)};
}

bool is_positive(const Parabola& p) {
  if (!(p.left >= 0 && p.right >= 0)) return false;
  if (p.bend >= 0) return true;  // above the straight line between its ends
  const double lowest = std::clamp((1 + (p.right - p.left) / p.bend) / 2, 0.0, 1.0);
  return p.left + lowest * (p.right - p.left + p.bend * (1 - lowest)) >= 0;
}

}  // namespace

Parabola limited_parabola(std::span<const double> mass, int i) {
  const auto edge = [&](int k) {
    const double before = value_at(mass, k - 1);
    const double after = value_at(mass, k);
    return std::clamp(edge_value(mass, k), std::min(before, after), std::max(before, after));
  };
  const double mean = mass[static_cast<std::size_t>(i)];
  double left = edge(i);
  double right = edge(i + 1);
  if ((right - mean) * (mean - left) <= 0) left = right = mean;
  const double slope = right - left;
  const double bend = parabola(mean, left, right).bend;
  if (slope * bend > slope * slope)
    left = 3 * mean - 2 * right;
  else if (slope * bend < -slope * slope)
    right = 3 * mean - 2 * left;
  return parabola(mean, left, right);
}

Parabola positive_parabola(std::span<const double> mass, int i) {
  const Parabola free = parabola(mass[static_cast<std::size_t>(i)], edge_value(mass, i), edge_value(mass, i + 1));
  return is_positive(free) ? free : limited_parabola(mass, i);
}

Parabola peaked_parabola(std::span<const double> mass, int i) {
  bool rises = false;
  bool falls = false;
  for (int k = i - 1; k <= i + 2; ++k) {
    rises = rises || value_at(mass, k) > value_at(mass, k - 1);
    falls = falls || value_at(mass, k) < value_at(mass, k - 1);
  }
  return rises && falls ? positive_parabola(mass, i) : limited_parabola(mass, i);
}

}  // namespace driftwood::fp
