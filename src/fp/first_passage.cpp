#include "driftwood/fp/first_passage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

namespace {

/// The derivative at `at` of the parabola through three points.
double parabola_slope(double at, std::span<const double> t, std::span<const double> f) {
  double slope = 0;
  for (int i = 0; i < 3; ++i) {
    const double a = t[(i + 1) % 3];
    const double b = t[(i + 2) % 3];
    slope += f[i] * (2 * at - a - b) / ((t[i] - a) * (t[i] - b));
  }
  return slope;
}

/// The integral over `dt` of an exponential through both ends; of a straight line where one end is 0.
double exponential_integral(double start, double end, double dt) {
  if (!(start > 0 && end > 0)) return (start + end) / 2 * dt;
  const double x = std::log(start / end);
  return std::abs(x) < 1e-5 ? (start + end) / 2 * dt : (start - end) / x * dt;
}

/// Shares of the faces in what left between the last two snapshots; of all that left where nothing did.
std::vector<double> late_shares(std::span<const double> absorbed, std::size_t n_faces) {
  const double* last = absorbed.data() + absorbed.size() - n_faces;
  std::vector<double> shares(n_faces);
  double sum = 0;
  for (std::size_t face = 0; face < n_faces; ++face) sum += shares[face] = last[face] - (last - n_faces)[face];
  if (!(sum > 0)) {
    shares.assign(last, last + n_faces);
    sum = 0;
    for (const double share : shares) sum += share;
  }
  for (double& share : shares) share = sum > 0 ? share / sum : 0.0;
  return shares;
}

}  // namespace

FirstPassage first_passage(std::span<const double> times, std::span<const double> absorbed,
                           std::optional<double> slowest_rate) {
  const std::size_t n = times.size();
  if (n < 3 || absorbed.empty() || absorbed.size() % n != 0)
    throw InternalError("first passages need three snapshots with the losses through every face");
  const std::size_t n_faces = absorbed.size() / n;
  FirstPassage result;
  for (std::size_t i = 0; i < n; ++i) {
    double left = 0;
    for (std::size_t face = 0; face < n_faces; ++face) left += absorbed[i * n_faces + face];
    result.survival.push_back(1 - left);
  }
  const std::span<const double> survival(result.survival);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t first = std::clamp<std::size_t>(i, 1, n - 2) - 1;
    result.density.push_back(-parabola_slope(times[i], times.subspan(first, 3), survival.subspan(first, 3)));
    if (i > 0) result.mean += exponential_integral(survival[i - 1], survival[i], times[i] - times[i - 1]);
  }
  const double last = std::max(survival[n - 1], 0.0);
  if (slowest_rate)
    result.tail_rate = *slowest_rate;
  else if (last > 0)
    result.tail_rate = std::max(0.0, std::log(survival[n - 2] / last) / (times[n - 1] - times[n - 2]));
  if (last > 0)
    result.mean =
        result.tail_rate > 0 ? result.mean + last / result.tail_rate : std::numeric_limits<double>::infinity();
  const std::vector<double> shares = late_shares(absorbed, n_faces);
  for (std::size_t face = 0; face < n_faces; ++face)
    result.splitting.push_back(absorbed[(n - 1) * n_faces + face] + last * shares[face]);
  return result;
}

}  // namespace driftwood::fp
