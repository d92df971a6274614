#include "driftwood/fp/marginals.hpp"

#include <algorithm>
#include <cmath>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

namespace {

/// The cells one after the other, the last axis fastest.
class CellWalk {
 public:
  explicit CellWalk(const Density& density)
      : density_(density), index_(density.grid.cells.size(), 0), volumes_(density.cell_volumes()) {}

  int index(int axis) const { return index_[static_cast<std::size_t>(axis)]; }
  double value() const { return density_.p[static_cast<std::size_t>(cell_)]; }
  double volume() const { return volumes_[static_cast<std::size_t>(cell_)]; }
  double mass() const { return value() * volume(); }
  double width(int axis) const { return density_.grid.width(axis, index(axis)); }
  /// The cell's middle in z, which on a stretched grid is not where the solver evaluates its coefficients.
  double middle(int axis) const { return density_.grid.z_edge(axis, index(axis)) + width(axis) / 2; }
  bool next() {
    ++cell_;
    for (std::size_t k = index_.size(); k-- > 0;) {
      if (++index_[k] < density_.grid.cells[k]) return true;
      index_[k] = 0;
    }
    return false;
  }

 private:
  const Density& density_;
  std::vector<int> index_;
  std::vector<double> volumes_;
  long cell_ = 0;
};

double edge(const Density& density, int axis, int index) {
  return density.frame.centre[axis] + density.frame.scale(axis, axis) * density.grid.z_edge(axis, index);
}

std::vector<double> cell_edges(const Density& density, int axis) {
  std::vector<double> edges;
  for (int i = 0; i <= density.grid.cells[static_cast<std::size_t>(axis)]; ++i) edges.push_back(edge(density, axis, i));
  return edges;
}

BinnedDensity binned_by_cells(const Density& density, const std::vector<int>& axes) {
  BinnedDensity result;
  std::size_t n = 1;
  for (const int axis : axes) {
    result.edges.push_back(cell_edges(density, axis));
    n *= result.edges.back().size() - 1;
  }
  result.mass.assign(n, 0.0);
  CellWalk walk(density);
  do {
    std::size_t bin = 0;
    for (const int axis : axes)
      bin = bin * static_cast<std::size_t>(density.grid.cells[static_cast<std::size_t>(axis)]) +
            static_cast<std::size_t>(walk.index(axis));
    result.mass[bin] += walk.mass();
  } while (walk.next());
  return result;
}

/// Parts of a uniform distribution over [low, high] in equal bins of `width` from `first` on, n of them; what is beyond
/// the ends goes to the last bins.
struct Share {
  std::size_t bin;
  double part;
};
void spread(double low, double high, double first, double width, std::size_t n, std::vector<Share>& shares) {
  shares.clear();
  const auto bin_of = [&](double x) {
    return static_cast<std::size_t>(std::clamp(std::floor((x - first) / width), 0.0, static_cast<double>(n - 1)));
  };
  const std::size_t last = bin_of(high);
  double from = low;
  for (std::size_t bin = bin_of(low); bin <= last; ++bin) {
    const double to = bin == last ? high : std::min(high, first + static_cast<double>(bin + 1) * width);
    shares.push_back({bin, (to - from) / (high - low)});
    from = to;
  }
}

/// Of a sheared frame: equal bins over the part of the box that has mass.
BinnedDensity binned_by_extent(const Density& density, const std::vector<int>& axes) {
  const DensityMoments moments = moments_of(density);
  const Grid& grid = density.grid;
  const int d = density.dimension();
  BinnedDensity result;
  std::size_t n_bins = 1;
  for (const int axis : axes) {
    const auto n = static_cast<std::size_t>(grid.cells[static_cast<std::size_t>(axis)]);
    const double std = std::sqrt(moments.covariance(axis, axis));
    double reach = 0;
    for (int k = 0; k < d; ++k) reach += std::abs(density.frame.scale(axis, k)) * grid.z_max;
    const double low = std::max(moments.mean[axis] - grid.z_max * std, density.frame.centre[axis] - reach);
    const double high = std::min(moments.mean[axis] + grid.z_max * std, density.frame.centre[axis] + reach);
    std::vector<double> edges;
    for (std::size_t i = 0; i <= n; ++i)
      edges.push_back(low + (high - low) * static_cast<double>(i) / static_cast<double>(n));
    result.edges.push_back(std::move(edges));
    n_bins *= n;
  }
  result.mass.assign(n_bins, 0.0);
  std::vector<std::vector<Share>> shares(axes.size());
  Eigen::VectorXd z(d);
  CellWalk walk(density);
  do {
    if (walk.mass() == 0) continue;
    for (int k = 0; k < d; ++k) z[k] = walk.middle(k);
    const Eigen::VectorXd w = density.frame.centre + density.frame.scale * z;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      const std::vector<double>& edges = result.edges[a];
      double half = 0;
      for (int k = 0; k < d; ++k) half += std::abs(density.frame.scale(axes[a], k)) * walk.width(k) / 2;
      spread(w[axes[a]] - half, w[axes[a]] + half, edges[0], edges[1] - edges[0], edges.size() - 1, shares[a]);
    }
    for (const Share& first : shares[0]) {
      if (axes.size() == 1) {
        result.mass[first.bin] += walk.mass() * first.part;
        continue;
      }
      for (const Share& second : shares[1])
        result.mass[first.bin * (result.edges[1].size() - 1) + second.bin] += walk.mass() * first.part * second.part;
    }
  } while (walk.next());
  return result;
}

}  // namespace

BinnedDensity binned(const Density& density, const std::vector<int>& axes) {
  if (axes.empty() || axes.size() > 2) throw InternalError("densities are binned by one or two coordinates");
  return density.frame.is_diagonal() ? binned_by_cells(density, axes) : binned_by_extent(density, axes);
}

DensityMoments moments_of(const Density& density) {
  const int d = density.dimension();
  DensityMoments moments{0, Eigen::VectorXd::Zero(d), Eigen::MatrixXd::Zero(d, d)};
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(d);
  Eigen::MatrixXd squares = Eigen::MatrixXd::Zero(d, d);
  Eigen::VectorXd z(d);
  CellWalk walk(density);
  do {
    const double mass = walk.mass();
    for (int k = 0; k < d; ++k) z[k] = walk.middle(k);
    moments.mass += mass;
    sum += mass * z;
    squares += mass * z * z.transpose();
    for (int k = 0; k < d; ++k) squares(k, k) += mass * walk.width(k) * walk.width(k) / 12;
  } while (walk.next());
  if (!(moments.mass > 0)) return moments;
  const Eigen::VectorXd middle = sum / moments.mass;
  const Eigen::MatrixXd spread = squares / moments.mass - middle * middle.transpose();
  moments.mean = density.frame.centre + density.frame.scale * middle;
  moments.covariance = density.frame.scale * spread * density.frame.scale.transpose();
  return moments;
}

namespace {

/// Calls visit(p, w, volume) with the value, the centre and the volume of every cell.
template <class Visit>
void for_centres(const Density& density, Visit visit) {
  const int d = density.dimension();
  Eigen::VectorXd z(d);
  CellWalk walk(density);
  do {
    for (int k = 0; k < d; ++k) z[k] = density.grid.z_centre(k, walk.index(k));
    const Eigen::VectorXd w = density.frame.centre + density.frame.scale * z;
    visit(walk.value(), std::span<const double>(w.data(), static_cast<std::size_t>(d)), walk.volume());
  } while (walk.next());
}

}  // namespace

double l1_distance(const Density& density, const std::function<double(std::span<const double>)>& other) {
  double sum = 0;
  for_centres(density,
              [&](double p, std::span<const double> w, double volume) { sum += std::abs(p - other(w)) * volume; });
  return sum;
}

double normalised_distance(const Density& density, const std::function<double(std::span<const double>)>& log_other) {
  double mass = 0;
  std::vector<double> logs;
  for_centres(density, [&](double p, std::span<const double> w, double volume) {
    mass += p * volume;
    logs.push_back(log_other(w));
  });
  const double largest = *std::max_element(logs.begin(), logs.end());
  double z = 0;
  std::size_t i = 0;
  for_centres(density, [&](double, std::span<const double>, double volume) {
    logs[i] = std::exp(logs[i] - largest);
    z += logs[i++] * volume;
  });
  double sum = 0;
  i = 0;
  for_centres(density, [&](double p, std::span<const double>, double volume) {
    sum += std::abs(p / mass - logs[i++] / z) * volume;
  });
  return sum;
}

}  // namespace driftwood::fp
