// The closure `conditional`: drift and diffusion of the replicas regressed on their tracked weights.
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <limits>
#include <utility>

#include "driftwood/app/close.hpp"
#include "driftwood/core/packed.hpp"
#include "tables.hpp"

namespace driftwood::app {

namespace {

/// Points along each axis line that the result has where more than two weights are tracked.
constexpr int points_per_line = 41;
constexpr double box_margin = 0.02;

fp::RegressionData data_of(const TrackedSnapshot& replicas, int d) {
  return {d, replicas.w, replicas.drift, replicas.diffusion};
}

fp::BandWeights band_weights(const ClosureInput& input) {
  return {input.config.comparison.bootstrap, input.problem.random};
}

/// All arrays of a fit that a rank makes and others need, in a row.
template <class Visit>
void visit_arrays(fp::ConditionalFit& fit, Visit&& visit) {
  visit(fit.table.drift);
  visit(fit.table.diffusion);
  visit(fit.is_carried);
  for (std::vector<double>* array : fit.nodes.arrays()) visit(*array);
  visit(fit.explained);
}

/// Local regression at every snapshot, the snapshots shared among the ranks. Collective.
std::vector<fp::ConditionalFit> local_fits(const ClosureInput& input, const mpi::Communicator& communicator) {
  const int d = input.problem.tracked.dimension();
  const int n_nodes = table_nodes(input, fp::ClosureKind::conditional);
  const long n = static_cast<long>(input.tracked.size());
  std::vector<fp::ConditionalFit> fits;
  std::vector<double> mine;
  mpi::agree(communicator, [&] {
    for (long number = 0; number < n; ++number) {
      Box box(d);
      box.include(input.tracked[number]);
      box.widen(box_margin);
      fits.push_back(fp::empty_fit(fp::empty_table(box.low, box.high, n_nodes), box.low, points_per_line));
    }
    const fp::BandWeights weights = band_weights(input);
    const mpi::Share share = mpi::share_of(n, communicator.rank(), communicator.size());
    for (long k = share.first; k < share.first + share.count; ++k) {
      const TrackedSnapshot replicas = input.tracked[k];
      fits[k] = fp::local_fit(data_of(replicas, d), std::move(fits[k]), input.config.closure.neighbours, weights);
      mine.push_back(fits[k].neighbours);
      visit_arrays(fits[k],
                   [&](const std::vector<double>& array) { mine.insert(mine.end(), array.begin(), array.end()); });
    }
  });
  const std::vector<double> all = communicator.all_gather(mine);
  auto next = all.begin();
  for (fp::ConditionalFit& fit : fits) {
    fit.neighbours = static_cast<int>(*next++);
    visit_arrays(fit, [&](std::vector<double>& array) {
      std::copy_n(next, array.size(), array.begin());
      next += static_cast<long>(array.size());
    });
  }
  return fits;
}

double smallest_eigenvalue(const TrackedSnapshot& replicas, int d) {
  const auto n_pairs = static_cast<std::size_t>(packed_size(d));
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t start = 0; start < replicas.diffusion.size(); start += n_pairs) {
    const auto packed = std::span(replicas.diffusion).subspan(start, n_pairs);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(unpack_symmetric(d, packed), Eigen::EigenvaluesOnly);
    smallest = std::min(smallest, solver.eigenvalues()[0]);
  }
  return smallest;
}

/// Polynomial regression at one snapshot: every rank sums over its own replicas, which stay where they are.
class PolynomialSnapshot {
 public:
  /// Collective.
  PolynomialSnapshot(const ClosureInput& input, std::size_t number, const mpi::Communicator& communicator)
      : input_(input), communicator_(communicator), d_(input.problem.tracked.dimension()) {
    mpi::agree(communicator,
               [&] { own_ = tracked_part(input.ensemble.snapshot(number), d_, input.ensemble.first_replica); });
  }

  /// Collective.
  fp::ConditionalFit fit() const {
    const Box box = common_box();
    const fp::PolynomialRegression regression = make_regression(box);
    const Eigen::VectorXd& centre = regression.standardisation().centre;
    fp::ConditionalFit result =
        fp::empty_fit(fp::empty_table(box.low, box.high, table_nodes(input_, fp::ClosureKind::conditional)),
                      {centre.data(), static_cast<std::size_t>(d_)}, points_per_line);
    result.drift_degree = regression.drift_degree();
    result.diffusion_degree = regression.diffusion_degree();
    result.explained.assign(regression.explained().begin(), regression.explained().end());
    tabulate(regression, result);
    std::vector<double> residuals = regression.residual_sums(data_of(own_, d_));
    communicator_.sum(residuals);
    fp::describe(regression, residuals, nearest(regression, result.nodes.w), result.nodes);
    return result;
  }

 private:
  Box common_box() const {
    Box box(d_);
    box.include(own_);
    std::vector<double> ends(box.high);
    for (const double low : box.low) ends.push_back(-low);
    communicator_.max(ends);
    std::copy_n(ends.begin(), d_, box.high.begin());
    for (int k = 0; k < d_; ++k) box.low[k] = -ends[d_ + k];
    box.widen(box_margin);
    return box;
  }

  fp::PolynomialRegression make_regression(const Box& box) const {
    const fp::RegressionData own = data_of(own_, d_);
    std::vector<double> moments = fp::moment_sums(own);
    communicator_.sum(moments);
    std::vector<double> unit;
    for (int k = 0; k < d_; ++k) unit.push_back(box.high[k] - box.low[k]);
    const int wanted = input_.config.closure.degree;
    fp::PolynomialSums sums(fp::standardise(moments, unit), wanted > 0 ? wanted : fp::highest_degree(d_, moments[0]));
    sums.add(own_.replica, own);
    communicator_.sum(sums.numbers());
    const double least = communicator_.min(smallest_eigenvalue(own_, d_));
    return {sums, {wanted, least}, band_weights(input_)};
  }

  /// Distances from points to the nearest replica of any rank. Collective.
  std::vector<double> nearest(const fp::PolynomialRegression& regression, const std::vector<double>& points) const {
    std::vector<double> distances = fp::nearest_distances(regression.standardisation(), own_.w, points);
    for (double& distance : distances) distance = -distance;
    communicator_.max(distances);
    for (double& distance : distances) distance = -distance;
    return distances;
  }

  /// Every rank evaluates its share of the table's nodes. Collective.
  void tabulate(const fp::PolynomialRegression& regression, fp::ConditionalFit& fit) const {
    const std::vector<double> distances = nearest(regression, fit.table.points());
    const mpi::Share share =
        mpi::share_of(static_cast<long>(fit.table.n_nodes()), communicator_.rank(), communicator_.size());
    fp::tabulate(regression, distances, share.first, share.count, fit);
    share_rows(share, d_, fit.table.drift, communicator_);
    share_rows(share, packed_size(d_), fit.table.diffusion, communicator_);
    share_rows(share, 1, fit.is_carried, communicator_);
  }

  const ClosureInput& input_;
  const mpi::Communicator& communicator_;
  int d_;
  TrackedSnapshot own_;
};

}  // namespace

bool is_polynomial_regression(const sweep::PointConfig::Closure& closure, int dimension) {
  return closure.regression == "polynomial" || (closure.regression == "automatic" && dimension > 2);
}

std::vector<fp::ConditionalFit> conditional_fits(const ClosureInput& input, const mpi::Communicator& communicator) {
  if (!is_polynomial_regression(input.config.closure, input.problem.tracked.dimension()))
    return local_fits(input, communicator);
  std::vector<fp::ConditionalFit> fits;
  for (std::size_t number = 0; number < input.tracked.size(); ++number)
    fits.push_back(PolynomialSnapshot(input, number, communicator).fit());
  return fits;
}

std::vector<results::ConditionalSnapshot> conditional_record(const std::vector<fp::ConditionalFit>& fits,
                                                             const std::vector<fp::Density>& densities) {
  std::vector<results::ConditionalSnapshot> record;
  for (std::size_t number = 0; number < fits.size(); ++number) {
    const fp::ConditionalFit& fit = fits[number];
    record.push_back({fit.nodes, fit.neighbours, fit.drift_degree, fit.diffusion_degree, fit.explained,
                      number < densities.size() ? fp::mass_beyond(densities[number], fit)
                                                : std::numeric_limits<double>::quiet_NaN()});
  }
  return record;
}

}  // namespace driftwood::app
