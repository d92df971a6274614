// The KPZ equation (8.2), solved as it stands, against the logarithm of the Fokker-Planck equation's solution.
#include "driftwood/analysis/kpz.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/fp/frame_motion.hpp"
#include "driftwood/fp_solver/kpz_solver.hpp"
#include "support/world.hpp"
#include "unit/analysis/solved_lines.hpp"
#include "verify/fp_solver/problems.hpp"

namespace driftwood::fp_solver {
namespace {

using test::world;
using Values = std::vector<double>;

void expect_order_two(const Values& errors) {
  for (std::size_t i = 0; i + 1 < errors.size(); ++i) {
    EXPECT_GT(std::log2(errors[i] / errors[i + 1]), 1.8) << errors[i] << ' ' << errors[i + 1];
    EXPECT_LT(std::log2(errors[i] / errors[i + 1]), 2.3) << errors[i] << ' ' << errors[i + 1];
  }
}

/// The largest difference where the density is above 1e-3 of its largest value.
double largest_difference(const Values& a, const Values& b, const fp::Density& density) {
  const double most = *std::max_element(density.p.begin(), density.p.end());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (density.p[i] > 1e-3 * most) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(KpzSolver, AgreesWithTheLogarithmOfTheSolvedDensityToTheSchemesError) {
  const auto problem = analysis::quartic_problem();
  const double diffusion = 0.3;
  const auto potential = [](std::span<const double> w) { return std::pow(w[0], 4) / 4 - w[0] * w[0] / 2; };
  Values errors;
  for (const int n : {50, 100, 200}) {
    SolveOptions options = fixed_steps({n}, 0.8 / n);
    options.frame = FrameKind::fixed;
    options.flux = fp::FluxKind::chang_cooper;
    options.time_scheme = TimeScheme::sdirk2;
    options.low = {-2.5};
    options.high = {2.5};
    const SolveResult solved =
        solve(*problem, fp::InitialDensity(Values{0.3}, Values{0.5}), {0, 0.5}, options, world());
    ASSERT_EQ(solved.report.status, SolveStatus::ok) << solved.report.message;
    // The height starts from the initial density itself, not from its cells.
    const fp::Density& first = solved.snapshots.front();
    Values start(n);
    const Values w = fp::cell_centres(first.grid, first.frame, {0, n});
    for (int i = 0; i < n; ++i)
      start[i] = -std::pow((w[i] - 0.3) / 0.5, 2) / 2 - std::log(0.5 * std::sqrt(2 * M_PI)) +
                 potential({&w[i], 1}) / (2 * diffusion);
    const KpzSolution direct = solve_kpz(*problem, first.grid, first.frame, start, {0, 0.5}, 1e-5, world());
    ASSERT_TRUE(direct.converged) << direct.message;
    const fp::Density& last = solved.snapshots.back();
    errors.push_back(
        largest_difference(direct.heights.back(), analysis::transformed_height(last, potential, diffusion), last));
  }
  expect_order_two(errors);
  EXPECT_LT(errors.back(), 0.01);
}

TEST(KpzSolver, SolvesOrnsteinUhlenbeckInThePlaneAtOrderTwo) {
  // h = ln of the normal density with mean m(t) and variance s(t), plus V / 2D with V = k |w|^2 / 2.
  const double k = 1.0;
  const double diffusion = 0.25;
  const fp::OrnsteinUhlenbeck process(k * Eigen::Matrix2d::Identity(), Eigen::Vector2d::Zero(),
                                      diffusion * Eigen::Matrix2d::Identity());
  const fp::Gaussian start_density{Eigen::Vector2d(0.4, -0.2), 0.2 * Eigen::Matrix2d::Identity()};
  const auto height = [&](const fp::Gaussian& gaussian, std::span<const double> w) {
    return std::log(fp::density_at(gaussian, w)) + k * (w[0] * w[0] + w[1] * w[1]) / (4 * diffusion);
  };
  Values errors;
  for (const int n : {16, 32, 64}) {
    fp::Grid grid;
    grid.cells = {n, n};
    grid.z_max = 2.6;
    const fp::Frame frame{Eigen::Vector2d::Zero(), Eigen::Matrix2d::Identity()};
    const Values w = fp::cell_centres(grid, frame, {0, grid.n_cells()});
    const fp::Gaussian late = process.evolve(start_density, 0.3);
    Values start;
    Values exact;
    for (long i = 0; i < grid.n_cells(); ++i) {
      start.push_back(height(start_density, std::span(w).subspan(2 * i, 2)));
      exact.push_back(height(late, std::span(w).subspan(2 * i, 2)));
    }
    const KpzSolution direct = solve_kpz(process, grid, frame, start, {0, 0.1, 0.3}, 1e-5, world());
    ASSERT_TRUE(direct.converged) << direct.message;
    ASSERT_EQ(direct.heights.size(), 3u);
    EXPECT_NEAR(direct.potential[0], k * k * (w[0] * w[0] + w[1] * w[1]) / (4 * diffusion) - k,
                1e-9);  // |b|^2/4D - lap V/2
    fp::Density weight{0, grid, frame, {}};
    for (long i = 0; i < grid.n_cells(); ++i) weight.p.push_back(fp::density_at(late, std::span(w).subspan(2 * i, 2)));
    errors.push_back(largest_difference(direct.heights.back(), exact, weight));
  }
  expect_order_two(errors);
}

TEST(KpzSolver, RefusesDiffusionThatIsNoConstant) {
  const Line varying([](double, double w) { return -w; }, [](double, double w) { return 1 + w * w; });
  const fp::Grid grid = analysis::line_grid(40, 2);
  EXPECT_THROW(solve_kpz(varying, grid, analysis::unit_field(1), Values(40), {0, 1}, 1e-6, world()), Error);
  const fp::OrnsteinUhlenbeck none = analysis::line_process(1, 0);
  EXPECT_THROW(solve_kpz(none, grid, analysis::unit_field(1), Values(40), {0, 1}, 1e-6, world()), Error);
}

}  // namespace
}  // namespace driftwood::fp_solver
