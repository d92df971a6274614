// How replicas start.
#include <Eigen/QR>
#include <algorithm>
#include <limits>

#include "driftwood/core/error.hpp"
#include "driftwood/ensemble/ensemble.hpp"

namespace driftwood::ensemble {

namespace {

/// The replica counter of draws that all replicas share.
constexpr std::uint64_t shared_replica = std::numeric_limits<std::uint64_t>::max();

/// The matrix of normal numbers in `weights` (rows x columns, row-major) replaced by an orthogonal one: Q of its QR
/// decomposition with a positive diagonal of R, so that Q is uniform (Mezzadri 2007).
void orthogonalise(double* weights, int rows, int columns) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor> matrix(weights, rows, columns);
  const bool is_wide = columns > rows;
  const Eigen::MatrixXd tall = is_wide ? Eigen::MatrixXd(matrix.transpose()) : Eigen::MatrixXd(matrix);
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposition(tall);
  Eigen::MatrixXd q = decomposition.householderQ() * Eigen::MatrixXd::Identity(tall.rows(), tall.cols());
  for (int k = 0; k < q.cols(); ++k)
    if (decomposition.matrixQR()(k, k) < 0) q.col(k) = -q.col(k);
  if (is_wide)
    matrix = q.transpose();
  else
    matrix = q;
}

/// One flag a parameter: the same in every replica.
std::vector<char> shared_flags(const EnsembleProblem& problem) {
  const std::size_t width = static_cast<std::size_t>(problem.network.n_parameters());
  std::vector<char> shared = problem.initial.shared;
  if (shared.empty()) shared.assign(width, 0);
  if (problem.initial.others_shared) {
    std::vector<char> is_tracked(width, 0);
    for (int position : problem.tracked.positions) is_tracked[position] = 1;
    for (std::size_t i = 0; i < width; ++i) shared[i] = shared[i] != 0 || is_tracked[i] == 0;
  }
  return shared;
}

void orthogonalise_layers(const nn::Network& network, double* row) {
  for (int layer = 1; layer <= network.n_layers(); ++layer)
    orthogonalise(row + network.weight_offset(layer), network.widths[layer], network.widths[layer - 1]);
}

}  // namespace

namespace {

/// Draws one replica's parameters.
void draw_row(const EnsembleProblem& problem, const std::vector<char>& shared, std::uint64_t replica, double* row) {
  const InitialWeights& initial = problem.initial;
  const CounterRandom& shared_random = initial.shared_random ? *initial.shared_random : problem.random;
  for (int i = 0; i < problem.network.n_parameters(); ++i) {
    const bool is_shared = shared[i] != 0;
    const CounterRandom& random = is_shared ? shared_random : problem.random;
    row[i] = initial.mean[i];
    if (initial.std[i] > 0)
      row[i] +=
          initial.std[i] * random.normal(RandomPurpose::initial_weights, i, 0, is_shared ? shared_replica : replica);
  }
  if (initial.orthogonal) orthogonalise_layers(problem.network, row);
}

/// Copies the row that replica `replica` was given.
void copy_row(const EnsembleProblem& problem, long replica, double* row) {
  const std::size_t width = static_cast<std::size_t>(problem.network.n_parameters());
  const std::vector<double>& given = *problem.initial.given;
  const std::size_t n_rows = given.size() / width;
  if (given.size() % width != 0 || (n_rows != 1 && n_rows != static_cast<std::size_t>(problem.n_replicas)))
    throw InternalError("initial weights: one row of parameters for all replicas, or one each");
  const std::size_t start = n_rows == 1 ? 0 : static_cast<std::size_t>(replica) * width;
  std::copy_n(given.begin() + static_cast<long>(start), width, row);
}

}  // namespace

std::vector<double> initial_parameters(const EnsembleProblem& problem, long first, long count) {
  const InitialWeights& initial = problem.initial;
  const int width = problem.network.n_parameters();
  if (initial.mean.size() != static_cast<std::size_t>(width) || initial.std.size() != initial.mean.size())
    throw InternalError("initial weights: one mean and one standard deviation a parameter");
  const std::vector<char> shared = shared_flags(problem);
  const auto tied = problem.network.tied_pairs();
  std::vector<double> parameters(static_cast<std::size_t>(count) * width);
  for (long r = 0; r < count; ++r) {
    double* row = parameters.data() + r * width;
    if (initial.given)
      copy_row(problem, first + r, row);
    else
      draw_row(problem, shared, static_cast<std::uint64_t>(first + r), row);
    for (const auto& [copy, master] : tied) row[copy] = row[master];
    if (problem.sgd.precision == nn::Precision::single_precision)
      for (int i = 0; i < width; ++i) row[i] = static_cast<float>(row[i]);
  }
  return parameters;
}

}  // namespace driftwood::ensemble
