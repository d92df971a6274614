#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <boost/numeric/odeint/integrate/integrate_times.hpp>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <cmath>

#include "driftwood/analysis/callan_symanzik.hpp"
#include "driftwood/analysis/exponential_family.hpp"

namespace driftwood::analysis {

namespace {

constexpr int most_iterations = 60;
constexpr int most_steps = 1000;  ///< between two times
constexpr double flow_tolerance = 1e-6;
using Couplings = std::vector<double>;

Eigen::Map<const Eigen::VectorXd> as_vector(const Couplings& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

std::vector<std::complex<double>> sorted_eigenvalues(const Eigen::MatrixXd& matrix) {
  const Eigen::VectorXcd values = matrix.eigenvalues();
  std::vector<std::complex<double>> sorted(values.data(), values.data() + values.size());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::pair(-a.real(), -a.imag()) < std::pair(-b.real(), -b.imag());
  });
  return sorted;
}

/// The flow left where couplings can be followed.
struct FlowFailure {};

}  // namespace

Eigen::VectorXd ExponentialFamily::beta(const Eigen::VectorXd& coupling, const Eigen::MatrixXd& backward) const {
  const State at = state(coupling);
  const Eigen::VectorXd change = backward.transpose() * at.probability;
  return -Conditioned(covariance(at, values_.rowwise() - at.mean.transpose())).solve(change);
}

FixedPoint ExponentialFamily::fixed_point(const Eigen::VectorXd& start, const Eigen::MatrixXd& backward) const {
  // How fast the density changes, in the Fisher metric: falls along Newton's direction.
  const auto size_of = [&](const State& at, const Eigen::VectorXd& change) {
    return change.dot(Conditioned(covariance(at, values_.rowwise() - at.mean.transpose())).solve(change));
  };
  FixedPoint result;
  result.coupling = start;
  State at = state(start);
  Eigen::VectorXd change = backward.transpose() * at.probability;
  double size = size_of(at, change);
  while (result.n_iterations < most_iterations && !result.converged) {
    ++result.n_iterations;
    const Eigen::MatrixXd jacobian = -covariance(at, backward.rowwise() - change.transpose());
    const Eigen::VectorXd step = -jacobian.fullPivLu().solve(change);
    double part = 1;
    for (; part > 1e-6; part /= 2) {
      const Eigen::VectorXd next = result.coupling + part * step;
      if (!next.allFinite()) continue;
      State there = state(next);
      const Eigen::VectorXd there_change = backward.transpose() * there.probability;
      const double there_size = size_of(there, there_change);
      if (!(there_size < size) && part * step.norm() > 1e-9 * result.coupling.norm()) continue;
      result.converged = part == 1 && step.norm() <= 1e-9 * next.norm();
      result.coupling = next;
      at = std::move(there);
      change = there_change;
      size = there_size;
      break;
    }
    if (part <= 1e-6) break;
  }
  if (result.converged) {
    const Eigen::MatrixXd response = covariance(at, backward.rowwise() - change.transpose());
    result.stability = sorted_eigenvalues(fisher(result.coupling).fullPivLu().solve(response));
  }
  return result;
}

CouplingFlow ExponentialFamily::flow(const Eigen::VectorXd& start, const std::vector<double>& times,
                                     const fp::Coefficients& coefficients) const {
  namespace odeint = boost::numeric::odeint;
  const Derivatives slopes = derivatives();
  Eigen::MatrixXd backward_now = backward(slopes, coefficients, times.front());
  const auto rate = [&](const Couplings& g, Couplings& dg_dt, double t) {
    if (coefficients.depends_on_time()) backward_now = backward(slopes, coefficients, t);
    const Eigen::VectorXd value = beta(as_vector(g), backward_now);
    if (!value.allFinite()) throw FlowFailure{};
    dg_dt.assign(value.data(), value.data() + value.size());
  };
  CouplingFlow result;
  Couplings g(start.data(), start.data() + start.size());
  const auto observe = [&](const Couplings& now, double t) {
    result.times.push_back(t);
    result.couplings.emplace_back(as_vector(now));
  };
  const double first_step = times.size() > 1 ? 1e-3 * (times.back() - times.front()) : 1.0;
  using Stepper = odeint::runge_kutta_dopri5<Couplings>;
  const odeint::controlled_runge_kutta<Stepper> stepper(
      odeint::default_error_checker<double, odeint::range_algebra, odeint::default_operations>(flow_tolerance,
                                                                                               flow_tolerance));
  try {
    odeint::integrate_times(stepper, rate, g, times.begin(), times.end(), first_step, observe,
                            odeint::max_step_checker(most_steps));
    result.completed = true;
  } catch (const FlowFailure&) {
  } catch (const odeint::odeint_error&) {  // too stiff for this method
  }
  return result;
}

}  // namespace driftwood::analysis
