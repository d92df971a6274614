// Problems of gradient drift, b = -grad V with a polynomial V, and constant diffusion.
#include <utility>

#include "driftwood/fp/polynomial.hpp"
#include "problem_parts.hpp"

namespace driftwood::fp {

namespace {

class PotentialProblem : public Problem {
 public:
  PotentialProblem(Polynomial potential, Eigen::MatrixXd diffusion)
      : potential_(std::move(potential)), diffusion_(std::move(diffusion)) {}

  int dimension() const override { return potential_.dimension(); }
  void evaluate(double /*t*/, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    const auto d = static_cast<std::size_t>(dimension());
    for (std::size_t i = 0; i < w.size(); i += d)
      for (std::size_t k = 0; k < d; ++k) drift[i + k] = -potential_.derivative(static_cast<int>(k), w.subspan(i, d));
    fill_diffusion(diffusion_, diffusion);
  }

  /// exp(-V / D), where D is one number times the identity.
  std::function<double(std::span<const double>)> log_stationary() const override {
    const double scalar = diffusion_(0, 0);
    const auto d = dimension();
    if (!(scalar > 0) || !diffusion_.isApprox(scalar * Eigen::MatrixXd::Identity(d, d), 1e-14)) return {};
    return [potential = potential_, scalar](std::span<const double> w) { return -potential.value(w) / scalar; };
  }

 private:
  Polynomial potential_;
  Eigen::MatrixXd diffusion_;
};

Polynomial double_well(int d, double coupling) {
  std::vector<Polynomial::Monomial> terms;
  const auto add = [&](double coefficient, int axis, int power, int other = -1) {
    Polynomial::Monomial monomial{coefficient, {}};
    monomial.powers[static_cast<std::size_t>(axis)] = power;
    if (other >= 0) monomial.powers[static_cast<std::size_t>(other)] = 1;
    terms.push_back(monomial);
  };
  for (int k = 0; k < d; ++k) {
    add(0.25, k, 4);
    add(-0.5, k, 2);
    add(0.25, k, 0);
  }
  for (int k = 0; k < d; ++k)
    for (int l = k + 1; l < d; ++l) {
      add(coupling / 2, k, 2);
      add(coupling / 2, l, 2);
      add(-coupling, k, 1, l);
    }
  return {d, terms};
}

Polynomial read_potential(const ProblemParameters& parameters) {
  try {
    return parse_polynomial(parameters.potential, parameters.dimension);
  } catch (const ConfigError& error) {
    throw ParameterError("potential", error.what());
  }
}

}  // namespace

std::unique_ptr<Problem> make_potential_problem(const ProblemParameters& parameters) {
  Polynomial potential = parameters.family == "double_well" ? double_well(parameters.dimension, parameters.coupling)
                                                            : read_potential(parameters);
  return std::make_unique<PotentialProblem>(std::move(potential), diffusion_of(parameters));
}

}  // namespace driftwood::fp
