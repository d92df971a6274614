#include "driftwood/fp/remap.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "parabola.hpp"
#include "sheared_axis.hpp"

namespace driftwood::fp {

namespace {

/// Adds the old cells' masses to the new cells at result[0], result[stride], ..
void add_line(std::span<const double> mass, std::span<const double> edges, double* result, long stride) {
  const auto last = static_cast<long>(edges.size()) - 2;
  long first = 0;  // the new cell that holds the old one's left end
  for (int i = 0; i < static_cast<int>(mass.size()); ++i) {
    if (mass[i] == 0) continue;
    while (first < last && edges[first + 1] <= i) ++first;
    const Parabola inside = peaked_parabola(mass, i);  // in units of the mass of a whole cell
    double done = 0;
    for (long j = first; done < 1; ++j) {
      const double end = j == last ? 1.0 : std::clamp(edges[j + 1] - i, done, 1.0);
      result[j * stride] += inside.integral(done, end);
      done = end;
    }
  }
}

/// Distance of the two Gauss points from a cell's centre, in cells.
const double gauss_point = 0.5 / std::numbers::sqrt3;

/// How much more mass than its half (relative to it) a cell has on one side of its centre: its limited slope (van Leer)
/// at the Gauss point. Within -1..1.
double imbalance(double before, double value, double after) {
  const double behind = value - before;
  const double ahead = after - value;
  if (!(behind * ahead > 0)) return 0;
  return gauss_point * 2 * behind * ahead / (behind + ahead) / value;
}

/// One pass along an axis: lines that share their position on the axes before it have the same new cells.
class AxisPass {
 public:
  AxisPass(const Grid& grid, const MassArray& from, int axis, const AxisMap& map, std::span<const double> edges)
      : grid_(grid), from_(from), axis_(axis), map_(map), edges_(edges), n_(from.cells[axis]) {
    const auto first = from.cells.begin();
    outer_ = std::accumulate(first, first + axis, 1L, std::multiplies<>());
    inner_ = std::accumulate(first + axis + 1, from.cells.end(), 1L, std::multiplies<>());
    long stride = inner_ * n_;
    for (int j = axis - 1; j >= 0; --j) {
      if (map.shear[j] != 0) shearing_[n_shearing_++] = {j, stride, 0};
      stride *= from.cells[j];
    }
    result_.cells = from.cells;
    result_.cells[axis] = static_cast<int>(edges.size()) - 1;
    result_.mass.assign(outer_ * inner_ * result_.cells[axis], 0.0);
  }

  MassArray run() {
    for (long outer = 0; outer < outer_; ++outer) {
      for (int s = 0; s < n_shearing_; ++s)
        shearing_[s].index =
            static_cast<int>(outer * inner_ * n_ / shearing_[s].stride % from_.cells[shearing_[s].axis]);
      for (int part = 0; part < 1 << n_shearing_; ++part) add_part(outer, part);
    }
    return std::move(result_);
  }

 private:
  /// An axis that shears this one.
  struct Shearing {
    int axis = 0;
    long stride = 0;
    int index = 0;  ///< of the lines at hand
  };

  static double side(int part, int s) { return (part >> s) % 2 == 0 ? -1 : 1; }

  /// The new edges in units of the old cells for one part of the lines.
  std::vector<double> old_edges(int part) const {
    double offset = map_.offset;
    for (int s = 0; s < n_shearing_; ++s) {
      const double xi = grid_.xi_centre(shearing_[s].axis, shearing_[s].index) +
                        side(part, s) * gauss_point * grid_.spacing(shearing_[s].axis);
      offset += map_.shear[shearing_[s].axis] * grid_.z_of(xi);
    }
    std::vector<double> edges;
    for (const double edge : edges_)
      edges.push_back((grid_.xi_of((edge - offset) / map_.scale) + grid_.z_max) / grid_.spacing(axis_));
    return edges;
  }

  void add_part(long outer, int part) {
    const std::vector<double> edges = old_edges(part);
    std::vector<double> line(n_);
    for (long inner = 0; inner < inner_; ++inner) {
      const long start = outer * inner_ * n_ + inner;
      for (int i = 0; i < n_; ++i) line[i] = part_of(start + i * inner_, part);
      add_line(line, edges, &result_.mass[outer * inner_ * result_.cells[axis_] + inner], inner_);
    }
  }

  double part_of(long cell, int part) const {
    double mass = from_.mass[cell];
    if (!(mass > 0)) return 0;
    for (int s = 0; s < n_shearing_; ++s) {
      const auto& [axis, stride, index] = shearing_[s];
      const bool is_inside = index > 0 && index + 1 < from_.cells[axis];
      const double more =
          is_inside ? imbalance(from_.mass[cell - stride], from_.mass[cell], from_.mass[cell + stride]) : 0.0;
      mass *= (1 + side(part, s) * more) / 2;
    }
    return mass;
  }

  const Grid& grid_;
  const MassArray& from_;
  int axis_;
  const AxisMap& map_;
  std::span<const double> edges_;
  int n_;           ///< old cells along the axis
  long outer_ = 1;  ///< number of positions on the axes before this one, and on those after
  long inner_ = 1;
  std::array<Shearing, 3> shearing_{};
  int n_shearing_ = 0;
  MassArray result_;
};

}  // namespace

bool AxisMap::is_sheared() const {
  return std::any_of(shear.begin(), shear.end(), [](double factor) { return factor != 0; });
}

bool AxisMap::is_identity() const {
  return offset == 0 && scale == 1 && !is_sheared();
}

MassArray with_new_axis(const Grid& grid, const MassArray& from, int axis, const AxisMap& map,
                        std::span<const double> edges) {
  return AxisPass(grid, from, axis, map, edges).run();
}

MassArray summed(const MassArray& from, int axis) {
  const long inner = std::accumulate(from.cells.begin() + axis + 1, from.cells.end(), 1L, std::multiplies<>());
  const long n = from.cells[axis];
  MassArray result{from.cells, std::vector<double>(from.mass.size() / n, 0.0)};
  result.cells[axis] = 1;
  for (std::size_t cell = 0; cell < from.mass.size(); ++cell)
    result.mass[cell / (inner * n) * inner + cell % inner] += from.mass[cell];
  return result;
}

std::vector<double> remap_line(std::span<const double> mass, const AxisCells& from, const AxisCells& to) {
  std::vector<double> edges;
  for (int j = 0; j <= to.n; ++j) edges.push_back((to.low + j * to.width - from.low) / from.width);
  return remap_line(mass, edges);
}

std::vector<double> remap_line(std::span<const double> mass, std::span<const double> edges) {
  std::vector<double> result(edges.size() - 1, 0.0);
  add_line(mass, edges, result.data(), 1);
  return result;
}

std::vector<double> remap(const Grid& grid, std::vector<double> mass, const Frame& from, const Frame& to) {
  const auto solver = to.scale.triangularView<Eigen::Lower>();
  const Eigen::MatrixXd matrix = solver.solve(from.scale);
  const Eigen::VectorXd offset = solver.solve(from.centre - to.centre);
  MassArray array{grid.cells, std::move(mass)};
  for (int axis = grid.dimension() - 1; axis >= 0; --axis) {
    AxisMap map{offset[axis], matrix(axis, axis), {}};
    for (int j = 0; j < axis; ++j) map.shear.push_back(matrix(axis, j));
    if (map.is_identity()) continue;
    std::vector<double> edges;
    for (int i = 0; i <= grid.cells[axis]; ++i) edges.push_back(grid.z_edge(axis, i));
    array = with_new_axis(grid, array, axis, map, edges);
  }
  return std::move(array.mass);
}

}  // namespace driftwood::fp
