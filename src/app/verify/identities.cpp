// What holds for the solved density of any problem.
#include <cmath>

#include "problems.hpp"

namespace driftwood::app::verify {

namespace {

using fp_solver::SolveOptions;

/// The defects of both moment equations between two snapshots around t = 0.5, `n` cells an axis, 3 / n apart.
std::vector<Check> defects(Bench& bench, const std::string& what, const fp::Coefficients& problem,
                           const fp::InitialDensity& start, const std::vector<int>& grids) {
  std::vector<std::vector<double>> errors(2);
  for (const int n : grids) {
    const double apart = 3.0 / n;
    SolveOptions options = fixed_steps(std::vector<int>(problem.dimension(), n), apart / 4);
    const auto result = bench.solve(problem, start, {0, 0.5, 0.5 + apart}, options);
    const fp::Moments defect = fp::moment_defects(result.snapshots[1], result.snapshots[2], problem);
    errors[0].push_back(defect.first.norm());
    errors[1].push_back(defect.second.norm());
  }
  return {order_of("d<w>/dt - <b>, " + what, grids, errors[0], 1.6, 2.6),
          order_of("d<ww>/dt - <wb + bw> - 2<D>, " + what, grids, errors[1], 1.6, 2.6)};
}

std::vector<Check> moment_equations(Bench& bench) {
  std::vector<Check> checks =
      defects(bench, "double well", double_well(0.1), line_gaussian(0.4, 0.3), bench.grids({128, 256, 512, 1024}));
  const Line multiplicative([](double, double w) { return -w; }, [](double, double w) { return 0.1 * (1 + w * w); });
  for (Check& check :
       defects(bench, "D(w)", multiplicative, line_gaussian(0.6, 0.3), bench.grids({128, 256, 512, 1024})))
    checks.push_back(check);
  const fp::OrnsteinUhlenbeck plane(reference_drift(2), Eigen::Vector2d::Zero(),
                                    (Eigen::Matrix2d() << 0.2, 0.08, 0.08, 0.2).finished());
  const fp::Gaussian start{Eigen::Vector2d(0.8, -0.6), 0.1 * Eigen::Matrix2d::Identity()};
  for (Check& check : defects(bench, "d = 2", plane, start, bench.grids({48, 64, 96, 128}))) checks.push_back(check);
  for (Check& check : bench.soundness()) checks.push_back(check);
  return checks;
}

}  // namespace

std::vector<Case> identity_cases() {
  return {{"moment-equations", "d<w>/dt = <b>, d<ww>/dt = <wb + bw> + 2<D> between snapshots (equation 4.4)", true,
           moment_equations}};
}

}  // namespace driftwood::app::verify
