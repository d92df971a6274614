#include <algorithm>
#include <limits>
#include <memory>

#include "driftwood/core/error.hpp"
#include "driftwood/store/point_content.hpp"
#include "marginal_content.hpp"
#include "rows.hpp"

namespace driftwood::store {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The densities of a point on one grid of cells: closure x snapshot, absent ones null. A density on fewer cells than
/// the largest fills the first ones; the rest is NaN.
class DensityTable {
 public:
  DensityTable(const results::PointRecord& record, std::size_t n_snapshots, std::size_t dimension)
      : n_snapshots_(n_snapshots), cells_(dimension, 0), table_(record.closures.size() * n_snapshots, nullptr) {
    for (std::size_t c = 0; c < record.closures.size(); ++c) {
      const std::vector<fp::Density>& densities = record.closures[c].densities;
      if (densities.size() > n_snapshots) throw InternalError("more densities than snapshots");
      for (std::size_t s = 0; s < densities.size(); ++s) add(densities[s], c * n_snapshots + s);
    }
  }

  bool is_empty() const { return reference_ == nullptr; }
  const std::vector<std::size_t>& cells() const { return cells_; }

  /// Frame coordinates of the cell centres. All boxes share the first one's: another z_max only rescales S (scale()).
  std::vector<double> z_centres(std::size_t axis) const {
    std::vector<double> centres;
    for (std::size_t i = 0; i < cells_[axis]; ++i)
      centres.push_back(reference_->grid.z_centre(static_cast<int>(axis), static_cast<int>(i)));
    return centres;
  }

  /// Their widths, which differ on a stretched grid.
  std::vector<double> z_widths(std::size_t axis) const {
    std::vector<double> widths;
    for (std::size_t i = 0; i < cells_[axis]; ++i)
      widths.push_back(reference_->grid.width(static_cast<int>(axis), static_cast<int>(i)));
    return widths;
  }

  /// Every density's values, closure x snapshot x cells.
  std::vector<double> values() const {
    std::size_t n_cells = 1;
    for (const std::size_t n : cells_) n_cells *= n;
    std::vector<double> all(table_.size() * n_cells, nan);
    for (std::size_t i = 0; i < table_.size(); ++i)
      if (table_[i] != nullptr) place(*table_[i], all.data() + i * n_cells);
    return all;
  }

  /// Whether any of the frames has shear: then the cells have no places along a single weight.
  bool is_sheared() const { return is_sheared_; }

  /// Cell centres in w along one axis, closure x snapshot x cell (diagonal frames).
  std::vector<double> w_centres(std::size_t axis) const {
    std::vector<double> all(table_.size() * cells_[axis], nan);
    const int k = static_cast<int>(axis);
    for (std::size_t i = 0; i < table_.size(); ++i) {
      if (table_[i] == nullptr) continue;
      const fp::Density& density = *table_[i];
      for (int j = 0; j < density.grid.cells[axis]; ++j)
        all[i * cells_[axis] + j] = density.frame.centre(k) + density.frame.scale(k, k) * density.grid.z_centre(k, j);
    }
    return all;
  }

  /// `get(density, axis)`, closure x snapshot x w.
  template <class Get>
  std::vector<double> per_axis(const Get& get) const {
    std::vector<double> all;
    for (const fp::Density* density : table_)
      for (int k = 0; k < static_cast<int>(cells_.size()); ++k)
        all.push_back(density == nullptr ? nan : get(*density, k));
    return all;
  }

  /// S in units of the reference box, so that w = centre + scale z for every density; closure x snapshot x w x column.
  std::vector<double> scales() const {
    const auto d = static_cast<Eigen::Index>(cells_.size());
    std::vector<double> all;
    for (const fp::Density* density : table_)
      for (Eigen::Index k = 0; k < d; ++k)
        for (Eigen::Index l = 0; l < d; ++l)
          all.push_back(density == nullptr ? nan
                                           : density->frame.scale(k, l) * density->grid.z_max / reference_->grid.z_max);
    return all;
  }

  /// Every density, closure x snapshot; null where there is none.
  const std::vector<const fp::Density*>& densities() const { return table_; }

 private:
  void add(const fp::Density& density, std::size_t position) {
    if (density.grid.cells.size() != cells_.size()) throw InternalError("a density of another dimension");
    is_sheared_ = is_sheared_ || !density.frame.is_diagonal();
    std::size_t n_cells = 1;
    for (std::size_t k = 0; k < cells_.size(); ++k) {
      n_cells *= density.grid.cells[k];
      cells_[k] = std::max(cells_[k], static_cast<std::size_t>(density.grid.cells[k]));
    }
    if (density.p.size() != n_cells) throw InternalError("a density's values do not fit its grid");
    if (reference_ == nullptr) reference_ = &density;
    table_[position] = &density;
  }

  /// Copies the density's cells into the (not smaller) table of cells at `destination`, row by row.
  void place(const fp::Density& density, double* destination) const {
    const std::vector<int>& own = density.grid.cells;
    const std::size_t row = own.back();
    const std::vector<double> values = density.averages();
    for (std::size_t start = 0; start < values.size(); start += row) {
      std::size_t rest = start / row;
      std::size_t offset = 0;
      std::size_t stride = cells_.back();
      for (std::size_t k = cells_.size() - 1; k-- > 0;) {
        offset += (rest % own[k]) * stride;
        rest /= own[k];
        stride *= cells_[k];
      }
      std::copy_n(values.data() + start, row, destination + offset);
    }
  }

  std::size_t n_snapshots_;
  std::vector<std::size_t> cells_;
  const fp::Density* reference_ = nullptr;
  bool is_sheared_ = false;
  std::vector<const fp::Density*> table_;
};

/// Among the paths of `quenched`, on the cells of its density.
void add_spread(NetcdfContent& content, const results::PointRecord& record, std::vector<std::string> dimensions) {
  for (const results::ClosureRecord& closure : record.closures) {
    if (closure.density_spread.empty()) continue;
    dimensions.erase(dimensions.begin());
    content.dimensions.push_back({"path", closure.path_replica.size()});
    content.add(variable({"quenched_replica", "1", "replica whose path gave one of the densities of quenched"},
                         {"path"},
                         std::vector<std::int64_t>(closure.path_replica.begin(), closure.path_replica.end())));
    std::size_t n_cells = 1;
    for (std::size_t k = 1; k < dimensions.size(); ++k) n_cells *= content.length(dimensions[k]);
    std::vector<double> values;
    for (const std::vector<double>& spread : closure.density_spread)
      values.insert(values.end(), spread.begin(), spread.end());
    values.resize(content.length("snapshot") * n_cells, nan);
    content.add(variable({"quenched_spread", "1", "standard deviation among the paths of quenched of their densities"},
                         dimensions, std::move(values)));
    return;
  }
}

}  // namespace

void add_densities(NetcdfContent& content, const results::PointRecord& record) {
  const std::size_t d = content.length("w");
  const auto table = std::make_shared<DensityTable>(record, content.length("snapshot"), d);
  if (table->is_empty()) return;
  std::vector<std::string> dimensions{"closure", "snapshot"};
  for (std::size_t k = 0; k < d; ++k) {
    dimensions.push_back(numbered("cell", k));
    content.dimensions.push_back({dimensions.back(), table->cells()[k]});
    const std::string of_axis = numbered(" along tracked weight ", k);
    content.add(as_coordinate(variable({numbered("z", k), "1", "cell centre in the frame coordinate z" + of_axis},
                                       {dimensions.back()}, table->z_centres(k))));
    content.add(variable({numbered("z", k, "_width"), "1", "cell width in the frame coordinate z" + of_axis},
                         {dimensions.back()}, table->z_widths(k)));
    if (!table->is_sheared())
      content.add(as_coordinate(lazy_variable({numbered("w", k, "_centre"), "1", "cell centre w" + of_axis},
                                              {"closure", "snapshot", dimensions.back()},
                                              [table, k] { return table->w_centres(k); })));
  }
  if (table->is_sheared()) add_marginals(content, table->densities());
  content.add(
      lazy_variable({"density", "1", "probability density p(w), cell averages, per unit of w in each dimension"},
                    dimensions, [table] { return table->values(); }));
  add_spread(content, record, dimensions);
  content.add(variable({"frame_centre", "1", "centre m of the frame w = m + S z"}, {"closure", "snapshot", "w"},
                       table->per_axis([](const fp::Density& p, int k) { return p.frame.centre(k); })));
  content.dimensions.push_back({"w_column", d});
  content.add(as_coordinate(variable({"w_column", "1", "tracked weight, the matrices' columns"}, {"w_column"},
                                     record.ensemble.tracked_names)));
  content.add(variable({"frame_scale", "1", "scale S of the frame w = m + S z, lower triangular"},
                       {"closure", "snapshot", "w", "w_column"}, table->scales()));
}

}  // namespace driftwood::store
