#include "driftwood/fp/problems.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "driftwood/core/packed.hpp"
#include "problem_parts.hpp"

namespace driftwood::fp {

namespace {

class TableProblem : public Problem {
 public:
  explicit TableProblem(TabulatedCoefficients coefficients) : coefficients_(std::move(coefficients)) {}
  int dimension() const override { return coefficients_.dimension(); }
  bool depends_on_time() const override { return coefficients_.times().size() > 1; }
  void evaluate(double t, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    coefficients_.evaluate(t, w, drift, diffusion);
  }

 private:
  TabulatedCoefficients coefficients_;
};

std::string counted(std::size_t n) {
  return std::to_string(n) + (n == 1 ? " number" : " numbers");
}

std::string allowed_matrix(int d) {
  if (d == 1) return "1 number";
  return "1 number (times the identity), " + std::to_string(d) + " (the diagonal) or " + std::to_string(d * d) +
         " (the matrix, row by row)";
}

double normal_value(double x, double mean, double variance) {
  return std::exp(-(x - mean) * (x - mean) / (2 * variance)) / std::sqrt(2 * std::numbers::pi * variance);
}

}  // namespace

std::optional<ExactSolution> Problem::exact(const InitialDensity& /*start*/, double /*t*/) const {
  return std::nullopt;
}

bool ProblemBox::has_absorbing_wall() const {
  return std::find(absorbing.begin(), absorbing.end(), true) != absorbing.end();
}

Eigen::VectorXd vector_of(const std::string& name, const std::vector<double>& numbers, int d) {
  if (numbers.size() == 1) return Eigen::VectorXd::Constant(d, numbers[0]);
  if (numbers.size() == static_cast<std::size_t>(d)) return Eigen::Map<const Eigen::VectorXd>(numbers.data(), d);
  throw ParameterError(name, "it has " + counted(numbers.size()) + "; in dimension " + std::to_string(d) +
                                 " there are 1 (for all axes)" + (d > 1 ? " or " + std::to_string(d) : ""));
}

Eigen::MatrixXd matrix_of(const std::string& name, const std::vector<double>& numbers, int d) {
  const auto n = static_cast<int>(numbers.size());
  if (n == 1) return numbers[0] * Eigen::MatrixXd::Identity(d, d);
  if (n == d) return Eigen::Map<const Eigen::VectorXd>(numbers.data(), d).asDiagonal().toDenseMatrix();
  if (n == d * d) return Eigen::Map<const Eigen::MatrixXd>(numbers.data(), d, d).transpose();
  throw ParameterError(name, "it has " + counted(numbers.size()) + "; in dimension " + std::to_string(d) +
                                 " there are " + allowed_matrix(d));
}

bool is_semidefinite(const Eigen::MatrixXd& matrix) {
  const Eigen::VectorXd values = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix).eigenvalues();
  return values.minCoeff() >= -1e-13 * values.cwiseAbs().maxCoeff();
}

Eigen::MatrixXd diffusion_of(const ProblemParameters& parameters) {
  const Eigen::MatrixXd matrix = matrix_of("diffusion", parameters.diffusion, parameters.dimension);
  if (!matrix.isApprox(matrix.transpose(), 1e-12)) throw ParameterError("diffusion", "the matrix is not symmetric");
  if (!is_semidefinite(matrix) || matrix.isZero(0.0))
    throw ParameterError("diffusion", "the tensor must be positive semidefinite and not zero");
  return matrix;
}

void fill_diffusion(const Eigen::MatrixXd& constant, std::span<double> diffusion) {
  const auto d = static_cast<int>(constant.rows());
  const auto size = static_cast<std::size_t>(packed_size(d));
  for (std::size_t i = 0; i < diffusion.size(); i += size)
    for (int k = 0; k < d; ++k)
      for (int l = k; l < d; ++l) diffusion[i + packed_index(d, k, l)] = constant(k, l);
}

ExactSolution exact_mixture(InitialDensity mixture) {
  ExactSolution exact;
  exact.moments = {mixture.mean(), mixture.covariance()};
  std::vector<std::pair<double, GaussianValue>> values;
  for (const InitialDensity::Component& component : mixture.components)
    values.emplace_back(component.weight, GaussianValue(component.gaussian));
  exact.density = [values](std::span<const double> w) {
    double sum = 0;
    for (const auto& [weight, value] : values)
      sum += weight * value.at(Eigen::Map<const Eigen::VectorXd>(w.data(), static_cast<Eigen::Index>(w.size())));
    return sum;
  };
  exact.marginal = [mixture = std::move(mixture)](int axis, double w) {
    double sum = 0;
    for (const InitialDensity::Component& component : mixture.components)
      sum +=
          component.weight * normal_value(w, component.gaussian.mean[axis], component.gaussian.covariance(axis, axis));
    return sum;
  };
  return exact;
}

const std::vector<Family>& problem_families() {
  static const std::vector<Family> families{
      {"ornstein_uhlenbeck", 0, {"drift_matrix", "centre", "diffusion"}},
      {"polynomial_potential", 0, {"potential", "diffusion"}},
      {"double_well", 0, {"coupling", "diffusion"}},
      {"multiplicative_noise", 1, {"noise"}},
      {"geometric_brownian", 1, {"growth", "noise"}},
      {"wright_fisher", 1, {"mutation", "noise"}},
      {"time_dependent", 0, {"stiffness", "modulation", "frequency", "diffusion"}},
      {"kinetic", 2, {"stiffness", "friction", "diffusion"}},
      {"brownian", 0, {"velocity", "diffusion"}},
      {"rotation", 2, {"stiffness", "frequency", "diffusion"}},
  };
  return families;
}

std::unique_ptr<Problem> make_problem(const ProblemParameters& parameters) {
  const auto& families = problem_families();
  const auto family = std::find_if(families.begin(), families.end(),
                                   [&](const Family& each) { return each.name == parameters.family; });
  if (family == families.end()) throw InternalError("there is no problem family '" + parameters.family + "'");
  if (family->dimension > 0 && parameters.dimension != family->dimension)
    throw ParameterError("dimension", family->name + " has dimension " + std::to_string(family->dimension) + ", not " +
                                          std::to_string(parameters.dimension));
  if (parameters.dimension < 1 || parameters.dimension > 4) throw ParameterError("dimension", "allowed: 1..4");
  const std::string& name = family->name;
  if (name == "ornstein_uhlenbeck" || name == "kinetic" || name == "rotation") return make_linear_problem(parameters);
  if (name == "polynomial_potential" || name == "double_well") return make_potential_problem(parameters);
  if (name == "multiplicative_noise") return make_multiplicative_noise(parameters);
  if (name == "geometric_brownian") return make_geometric_brownian(parameters);
  if (name == "wright_fisher") return make_wright_fisher(parameters);
  if (name == "time_dependent") return make_time_dependent(parameters);
  return make_brownian(parameters);
}

std::unique_ptr<Problem> make_table_problem(TabulatedCoefficients coefficients) {
  return std::make_unique<TableProblem>(std::move(coefficients));
}

}  // namespace driftwood::fp
