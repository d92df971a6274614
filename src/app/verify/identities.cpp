// What holds for the solved density of any problem.
#include <cmath>

#include "problems.hpp"

namespace driftwood::app::verify {

namespace {

using fp_solver::SolveOptions;

/// The defects of both moment equations between pairs of snapshots, 3 / n apart with `n` cells an axis; root of the
/// mean square over the pairs.
std::vector<Check> defects(Bench& bench, const std::string& what, const fp::Coefficients& problem,
                           const fp::InitialDensity& start, const std::vector<int>& grids) {
  std::vector<std::vector<double>> errors(2);
  for (const int n : grids) {
    const double apart = 3.0 / n;
    SolveOptions options = fixed_steps(std::vector<int>(problem.dimension(), n), apart / 2);
    options.flux = fp::FluxKind::chang_cooper;
    std::vector<double> times{0};
    for (const double t : {0.2, 0.4, 0.6, 0.8, 1.0}) {
      times.push_back(t);
      times.push_back(t + apart);
    }
    const auto result = bench.solve(problem, start, times, options);
    double first = 0;
    double second = 0;
    for (std::size_t i = 1; i + 1 < times.size(); i += 2) {
      const fp::Moments defect = fp::moment_defects(result.snapshots[i], result.snapshots[i + 1], problem);
      first += defect.first.squaredNorm() / 5;
      second += defect.second.squaredNorm() / 5;
    }
    errors[0].push_back(std::sqrt(first));
    errors[1].push_back(std::sqrt(second));
  }
  return {order_of("d<w>/dt - <b>, " + what, grids, errors[0], 1.5, 2.6),
          order_of("d<ww>/dt - <wb + bw> - 2<D>, " + what, grids, errors[1], 1.5, 2.6)};
}

std::vector<Check> moment_equations(Bench& bench) {
  std::vector<Check> checks =
      defects(bench, "double well", double_well(0.1), line_gaussian(0.4, 0.3), bench.grids({128, 256, 512, 1024}));
  const Line multiplicative([](double, double w) { return -w; }, [](double, double w) { return 0.1 * (1 + w * w); });
  for (Check& check :
       defects(bench, "D(w)", multiplicative, line_gaussian(0.6, 0.3), bench.grids({256, 512, 1024, 2048})))
    checks.push_back(check);
  const fp::OrnsteinUhlenbeck plane(reference_drift(2), Eigen::Vector2d::Zero(),
                                    (Eigen::Matrix2d() << 0.2, 0.08, 0.08, 0.2).finished());
  const fp::Gaussian start{Eigen::Vector2d(0.8, -0.6), 0.1 * Eigen::Matrix2d::Identity()};
  for (Check& check : defects(bench, "d = 2", plane, start, bench.grids({72, 96, 128, 160}))) checks.push_back(check);
  for (Check& check : bench.soundness()) checks.push_back(check);
  return checks;
}

}  // namespace

std::vector<Case> identity_cases() {
  return {{"moment-equations", "d<w>/dt = <b>, d<ww>/dt = <wb + bw> + 2<D> between snapshots (equation 4.4)", true,
           moment_equations}};
}

}  // namespace driftwood::app::verify
