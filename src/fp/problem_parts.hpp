#pragma once

#include <memory>

#include "driftwood/fp/problems.hpp"

namespace driftwood::fp {

/// The families' makers: what problems.cpp chooses from. Each checks the parameters it uses.
std::unique_ptr<Problem> make_linear_problem(const ProblemParameters& parameters);
std::unique_ptr<Problem> make_time_dependent(const ProblemParameters& parameters);
std::unique_ptr<Problem> make_potential_problem(const ProblemParameters& parameters);
std::unique_ptr<Problem> make_brownian(const ProblemParameters& parameters);
std::unique_ptr<Problem> make_multiplicative_noise(const ProblemParameters& parameters);
std::unique_ptr<Problem> make_geometric_brownian(const ProblemParameters& parameters);
std::unique_ptr<Problem> make_wright_fisher(const ProblemParameters& parameters);

/// d numbers, from d or from one for all. Throws ParameterError.
Eigen::VectorXd vector_of(const std::string& name, const std::vector<double>& numbers, int d);
/// A d x d matrix from one number (times the identity), d (the diagonal) or d x d, row-major. Throws ParameterError.
Eigen::MatrixXd matrix_of(const std::string& name, const std::vector<double>& numbers, int d);
/// The same for a diffusion tensor: symmetric, positive semidefinite, not zero.
Eigen::MatrixXd diffusion_of(const ProblemParameters& parameters);
/// Puts a constant tensor into every point's packed entries.
void fill_diffusion(const Eigen::MatrixXd& constant, std::span<double> diffusion);
/// An eigenvalue this far below zero is round-off.
bool is_semidefinite(const Eigen::MatrixXd& matrix);

}  // namespace driftwood::fp
