#include "driftwood/fp/layer_law.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <utility>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The symmetric root of a positive semidefinite matrix; what round-off made negative counts as 0.
MatrixXd symmetric_root(const MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance);
  const VectorXd root = solver.eigenvalues().cwiseMax(0.0).cwiseSqrt();
  return solver.eigenvectors() * root.asDiagonal() * solver.eigenvectors().transpose();
}

/// The part of a state that belongs to one group.
struct GroupState {
  std::span<const double> mean;
  std::span<const double> spread;
};

GroupState part_of(std::span<const double> state, std::size_t start, const nn::ParameterGroup& group) {
  const auto n = static_cast<std::size_t>(group.size());
  return {state.subspan(start, n), state.subspan(start + n, static_cast<std::size_t>(group.n_diffusion()))};
}

}  // namespace

LayerLaw::LayerLaw(std::vector<nn::ParameterGroup> groups, std::vector<double> constants)
    : groups_(std::move(groups)), constants_(std::move(constants)) {
  std::vector<char> is_taken(constants_.size(), 0);
  for (const nn::ParameterGroup& group : groups_) {
    n_varied_ += group.size();
    for (const int position : group.positions) {
      if (position < 0 || position >= static_cast<int>(is_taken.size()) || is_taken[position] != 0)
        throw InternalError("a layer's law has a parameter twice, or one that is not there");
      is_taken[position] = 1;
    }
  }
}

std::vector<double> LayerLaw::state(std::span<const double> mean, std::span<const double> std) const {
  if (mean.size() != constants_.size() || std.size() != constants_.size())
    throw InternalError("a layer's law needs one mean and one standard deviation a parameter");
  std::vector<double> state;
  for (const nn::ParameterGroup& group : groups_) {
    for (const int position : group.positions) state.push_back(mean[position]);
    for (int i = 0; i < group.size(); ++i) {
      const double variance = std::pow(std[group.positions[i]], 2);
      state.push_back(variance);
      for (int j = i + 1; group.with_covariances && j < group.size(); ++j) state.push_back(0.0);
    }
  }
  return state;
}

std::vector<double> LayerLaw::samples(std::span<const double> state, std::span<const double> normals) const {
  const std::size_t n = n_varied_ > 0 ? normals.size() / n_varied_ : 0;
  const std::size_t width = constants_.size();
  std::vector<double> rows(n * width);
  for (std::size_t s = 0; s < n; ++s) std::copy(constants_.begin(), constants_.end(), rows.begin() + s * width);
  const Eigen::Map<const RowMajor> all(normals.data(), static_cast<long>(n), n_varied_);
  std::size_t start = 0;
  int column = 0;
  for (const nn::ParameterGroup& group : groups_) {
    const auto [mean, spread] = part_of(state, start, group);
    RowMajor deviation = all.middleCols(column, group.size());
    if (group.with_covariances)
      deviation = deviation * symmetric_root(unpack_symmetric(group.size(), spread));
    else
      for (int i = 0; i < group.size(); ++i) deviation.col(i) *= std::sqrt(std::max(0.0, spread[i]));
    for (std::size_t s = 0; s < n; ++s)
      for (int i = 0; i < group.size(); ++i)
        rows[s * width + group.positions[i]] = mean[i] + deviation(static_cast<long>(s), i);
    start += mean.size() + spread.size();
    column += group.size();
  }
  return rows;
}

std::vector<double> LayerLaw::means(std::span<const double> state) const {
  std::vector<double> all;
  std::size_t start = 0;
  for (const nn::ParameterGroup& group : groups_) {
    const std::span<const double> mean = part_of(state, start, group).mean;
    all.insert(all.end(), mean.begin(), mean.end());
    start += group.size() + group.n_diffusion();
  }
  return all;
}

std::vector<double> LayerLaw::deviations(std::span<const double> state) const {
  std::vector<double> all;
  std::size_t start = 0;
  for (const nn::ParameterGroup& group : groups_) {
    const std::span<const double> spread = part_of(state, start, group).spread;
    for (int i = 0; i < group.size(); ++i) {
      const int entry = group.with_covariances ? packed_index(group.size(), i, i) : i;
      all.push_back(std::sqrt(std::max(0.0, spread[entry])));
    }
    start += group.size() + group.n_diffusion();
  }
  return all;
}

std::vector<double> LayerLaw::rates(std::span<const double> state, std::span<const double> rows,
                                    const nn::GradientMoments& moments) const {
  const std::size_t width = constants_.size();
  const std::size_t n = rows.size() / width;
  int n_diffusion = 0;
  for (const nn::ParameterGroup& group : groups_) n_diffusion += group.n_diffusion();
  if (moments.drift.size() != n * n_varied_ || moments.diffusion.size() != n * n_diffusion)
    throw InternalError("a layer's law: drift and diffusion do not fit the samples");
  std::vector<double> rates(state.size(), 0.0);
  std::size_t start = 0;
  std::size_t drift_start = 0;
  std::size_t diffusion_start = 0;
  const double share = 1.0 / static_cast<double>(n);
  for (const nn::ParameterGroup& group : groups_) {
    const int size = group.size();
    const std::span<const double> mean = part_of(state, start, group).mean;
    double* const mean_rate = rates.data() + start;
    double* const spread_rate = mean_rate + size;
    for (std::size_t s = 0; s < n; ++s) {
      const double* drift = moments.drift.data() + s * n_varied_ + drift_start;
      const double* diffusion = moments.diffusion.data() + s * n_diffusion + diffusion_start;
      const auto deviation = [&](int i) { return rows[s * width + group.positions[i]] - mean[i]; };
      for (int i = 0; i < size; ++i) mean_rate[i] += share * drift[i];
      int entry = 0;
      for (int i = 0; i < size; ++i)
        for (int j = i; j < (group.with_covariances ? size : i + 1); ++j, ++entry)
          spread_rate[entry] += share * (deviation(i) * drift[j] + drift[i] * deviation(j) + 2 * diffusion[entry]);
    }
    start += size + group.n_diffusion();
    drift_start += size;
    diffusion_start += group.n_diffusion();
  }
  return rates;
}

std::vector<double> balanced_normals(int n, int n_numbers, const CounterRandom& random) {
  const int half = n / 2;
  RowMajor z(half, n_numbers);
  for (int s = 0; s < half; ++s)
    for (int i = 0; i < n_numbers; ++i) z(s, i) = random.normal(RandomPurpose::layer_samples, i, 0, s);
  if (half > n_numbers) {
    const MatrixXd moments = z.transpose() * z / half;
    const MatrixXd whitened = Eigen::LLT<MatrixXd>(moments).matrixL().solve(z.transpose());
    z = whitened.transpose();
  } else {
    for (int i = 0; i < n_numbers; ++i) z.col(i) /= std::sqrt(z.col(i).squaredNorm() / half);
  }
  std::vector<double> both(z.data(), z.data() + z.size());
  for (long i = 0; i < z.size(); ++i) both.push_back(-z.data()[i]);
  return both;
}

}  // namespace driftwood::fp
