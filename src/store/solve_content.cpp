#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/solve_file.hpp"
#include "driftwood/store/store.hpp"
#include "solve_rows.hpp"

namespace driftwood::store {

namespace {

using results::SolveRecord;
using results::SolveSnapshot;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void add_attributes(NetcdfContent& content, const SolveRecord& record) {
  content.add_attribute("title", "driftwood solve: a Fokker-Planck problem");
  content.add_attribute("Conventions", "CF-1.8");
  content.add_attribute("file_kind", "solve");
  content.add_attribute("schema_version", std::int64_t{schema_version});
  content.add_attribute("status", record.status);
  content.add_attribute("solver_status", record.solver_status);
  content.add_attribute("message", record.message);
  for (const auto& [key, value] : record.configuration) content.add_attribute(key, value);
  for (const auto& [key, value] : record.provenance.entries) content.add_attribute(key, value);
}

/// Writes a record's variables; `d`, the snapshots and the cells are dimensions of the file.
class Builder {
 public:
  Builder(NetcdfContent& content, const SolveRecord& record)
      : content_(content), record_(record), d_(record.dimension()), n_(record.times.size()), cells_(d_, 0) {
    for (const fp::Density& density : record.densities)
      for (int k = 0; k < d_; ++k) cells_[k] = std::max(cells_[k], static_cast<std::size_t>(density.grid.cells[k]));
  }

  void add_dimensions() {
    content_.dimensions.push_back({"snapshot", n_});
    content_.add(as_coordinate(variable({"time", "1", "time"}, {"snapshot"}, record_.times)));
    if (d_ == 0) return;
    std::vector<std::string> names;
    for (int k = 0; k < d_; ++k) names.push_back(numbered("w", k));
    content_.dimensions.push_back({"w", names.size()});
    content_.dimensions.push_back({"w_column", names.size()});
    content_.add(as_coordinate(variable({"w", "1", "coordinate"}, {"w"}, names)));
    content_.add(as_coordinate(variable({"w_column", "1", "coordinate, the matrices' columns"}, {"w_column"}, names)));
    for (int k = 0; k < d_; ++k) content_.dimensions.push_back({numbered("cell", k), cells_[k]});
    for (int k = 0; k < d_; ++k) content_.dimensions.push_back({numbered("edge", k), cells_[k] + 1});
    if (!record_.absorbed.empty()) add_faces(names);
  }

  void add_report() {
    for (const auto& count : record_.counts)
      content_.add(variable({count.name, "1", count.meaning}, {}, std::vector<std::int64_t>{count.value}));
    for (const auto& measure : record_.measures)
      content_.add(variable({measure.name, measure.units, measure.meaning}, {}, std::vector<double>{measure.value}));
  }

  void add_moments() {
    add_scalars("mass", "probability in the box", [](const SolveSnapshot& s) { return s.moments.mass; });
    add_vectors("mean", "mean of what is in the box", [](const SolveSnapshot& s) { return &s.moments.mean; });
    add_matrices("covariance", "covariance of what is in the box (of the piecewise constant density)",
                 [](const SolveSnapshot& s) { return &s.moments.covariance; });
    Rows gamma(n_, static_cast<std::size_t>(d_));
    for (std::size_t s = 0; s < record_.snapshots.size() && d_ > 0; ++s) {
      const auto first = record_.anomalous_dimension.begin() + static_cast<std::ptrdiff_t>(s) * d_;
      if (record_.anomalous_dimension.size() >= (s + 1) * static_cast<std::size_t>(d_))
        gamma.set(s, std::vector<double>(first, first + d_));
    }
    content_.add(variable({"anomalous_dimension", "1", "diagonal of gamma = (dS/dt) S^-1 of the frame"},
                          {"snapshot", "w"}, gamma.take()));
  }

  void add_exact() {
    const auto known = [&](auto&& get) {
      return std::any_of(record_.snapshots.begin(), record_.snapshots.end(),
                         [&](const SolveSnapshot& s) { return get(s) == get(s); });
    };
    const auto add = [&](const char* name, const char* meaning, auto&& get) {
      if (known(get)) add_scalars(name, meaning, get);
    };
    add("l1_error", "integral of |density - exact density|", [](const SolveSnapshot& s) { return s.l1_error; });
    add("mean_error", "distance of the mean from the exact one", [](const SolveSnapshot& s) { return s.mean_error; });
    add("covariance_error", "Frobenius distance of the covariance from the exact one",
        [](const SolveSnapshot& s) { return s.covariance_error; });
    add("mass_error", "mass less the exact mass", [](const SolveSnapshot& s) { return s.mass_error; });
    add("stationary_distance", "integral of |density / mass - stationary density|",
        [](const SolveSnapshot& s) { return s.stationary_distance; });
    const auto has_moments = [](const SolveSnapshot& s) { return s.exact && s.exact->moments; };
    if (!std::any_of(record_.snapshots.begin(), record_.snapshots.end(), has_moments)) return;
    add_vectors("exact_mean", "exact mean",
                [&](const SolveSnapshot& s) { return has_moments(s) ? &s.exact->moments->mean : nullptr; });
    add_matrices("exact_covariance", "exact covariance",
                 [&](const SolveSnapshot& s) { return has_moments(s) ? &s.exact->moments->covariance : nullptr; });
  }

  void add_frame() {
    add_vectors("frame_centre", "centre m of the frame w = m + S z",
                [&](const SolveSnapshot& s) { return &density_of(s).frame.centre; });
    add_matrices("frame_scale", "scale S of the frame w = m + S z",
                 [&](const SolveSnapshot& s) { return &density_of(s).frame.scale; });
    for (int k = 0; k < d_; ++k) {
      Rows centres(n_, cells_[k]);
      for (std::size_t s = 0; s < record_.densities.size(); ++s) {
        const fp::Grid& grid = record_.densities[s].grid;
        std::vector<double> z;
        for (int i = 0; i < grid.cells[k]; ++i) z.push_back(grid.z_centre(k, i));
        centres.set(s, z);
      }
      content_.add(as_coordinate(variable({numbered("z", k, "_centre"), "1", "cell centre in the frame coordinate z"},
                                          {"snapshot", numbered("cell", k)}, centres.take())));
    }
  }

  /// 1-D marginals with their bins' edges and centres; in a diagonal frame these are the cells of the density.
  void add_marginals() {
    for (int k = 0; k < d_; ++k) {
      Rows edges(n_, cells_[k] + 1), centres(n_, cells_[k]), values(n_, cells_[k]), exact(n_, cells_[k]);
      bool is_known = false;
      for (std::size_t s = 0; s < record_.densities.size(); ++s) {
        const fp::BinnedDensity bins = fp::binned(record_.densities[s], {k});
        std::vector<double> middle, p, q;
        const auto& known = record_.snapshots[s].exact;
        for (std::size_t i = 0; i < bins.mass.size(); ++i) {
          middle.push_back((bins.edges[0][i] + bins.edges[0][i + 1]) / 2);
          p.push_back(bins.mass[i] / (bins.edges[0][i + 1] - bins.edges[0][i]));
          if (known && known->marginal) q.push_back(known->marginal(k, middle.back()));
        }
        edges.set(s, bins.edges[0]);
        centres.set(s, middle);
        values.set(s, p);
        exact.set(s, q);
        is_known = is_known || !q.empty();
      }
      const std::string of_axis = " along " + numbered("w", k);
      const std::vector<std::string> dimensions{"snapshot", numbered("cell", k)};
      content_.add(variable({numbered("w", k, "_edge"), "1", "edges of the bins" + of_axis},
                            {"snapshot", numbered("edge", k)}, edges.take()));
      content_.add(as_coordinate(
          variable({numbered("w", k, "_centre"), "1", "centre of the bin" + of_axis}, dimensions, centres.take())));
      content_.add(variable({numbered("marginal", k), "1", "marginal density" + of_axis}, dimensions, values.take()));
      if (is_known)
        content_.add(variable({numbered("exact_marginal", k), "1", "exact marginal density" + of_axis}, dimensions,
                              exact.take()));
    }
  }

  /// 2-D marginals on the bins of the 1-D ones.
  void add_plane_marginals() {
    for (int k = 0; k < d_; ++k)
      for (int l = k + 1; l < d_; ++l) {
        const std::string name = "marginal" + std::to_string(k + 1) + std::to_string(l + 1);
        content_.add(lazy_variable(
            {name, "1", "marginal density in the plane of " + numbered("w", k) + " and " + numbered("w", l)},
            {"snapshot", numbered("cell", k), numbered("cell", l)},
            [this_record = &record_, k, l, n = n_, n_k = cells_[k], n_l = cells_[l]] {
              Rows rows(n, n_k * n_l);
              for (std::size_t s = 0; s < this_record->densities.size(); ++s)
                rows.set(s, plane(fp::binned(this_record->densities[s], {k, l}), n_k, n_l));
              return rows.take();
            }));
      }
  }

  void add_density() {
    std::vector<std::string> dimensions{"snapshot"};
    std::size_t n_cells = 1;
    for (int k = 0; k < d_; ++k) {
      dimensions.push_back(numbered("cell", k));
      n_cells *= cells_[k];
    }
    for (const fp::Density& density : record_.densities)
      if (density.p.size() != n_cells) throw InternalError("the snapshots' grids differ in their numbers of cells");
    content_.add(lazy_variable({"density", "1", "probability density p(w), cell averages, on the frame's cells"},
                               dimensions, [record = &record_, n = n_, n_cells] {
                                 Rows rows(n, n_cells);
                                 for (std::size_t s = 0; s < record->densities.size(); ++s)
                                   rows.set(s, record->densities[s].averages());
                                 return rows.take();
                               }));
  }

 private:
  static std::vector<double> plane(const fp::BinnedDensity& bins, std::size_t n_first, std::size_t n_second) {
    std::vector<double> values(n_first * n_second, nan);
    const std::size_t own = bins.edges[1].size() - 1;
    for (std::size_t i = 0; i + 1 < bins.edges[0].size(); ++i)
      for (std::size_t j = 0; j < own; ++j)
        values[i * n_second + j] = bins.mass[i * own + j] / ((bins.edges[0][i + 1] - bins.edges[0][i]) *
                                                             (bins.edges[1][j + 1] - bins.edges[1][j]));
    return values;
  }

  const fp::Density& density_of(const SolveSnapshot& snapshot) const {
    return record_.densities[static_cast<std::size_t>(&snapshot - record_.snapshots.data())];
  }

  void add_faces(const std::vector<std::string>& names) {
    std::vector<std::string> faces;
    for (const std::string& name : names)
      for (const char* side : {" low", " high"}) faces.push_back(name + side);
    content_.dimensions.push_back({"face", faces.size()});
    content_.add(as_coordinate(variable({"face", "1", "face of the box"}, {"face"}, faces)));
    Rows absorbed(n_, faces.size());
    for (std::size_t s = 0; (s + 1) * faces.size() <= record_.absorbed.size() && s < n_; ++s) {
      const auto first = record_.absorbed.begin() + static_cast<std::ptrdiff_t>(s * faces.size());
      absorbed.set(s, std::vector<double>(first, first + static_cast<std::ptrdiff_t>(faces.size())));
    }
    content_.add(variable({"absorbed", "1", "probability that has left through the face"}, {"snapshot", "face"},
                          absorbed.take()));
  }

  template <class Get>
  void add_scalars(const char* name, const char* meaning, const Get& get) {
    Rows rows(n_, 1);
    for (std::size_t s = 0; s < record_.snapshots.size(); ++s) rows.set(s, {get(record_.snapshots[s])});
    content_.add(variable({name, "1", meaning}, {"snapshot"}, rows.take()));
  }

  template <class Get>
  void add_vectors(const char* name, const char* meaning, const Get& get) {
    Rows rows(n_, static_cast<std::size_t>(d_));
    for (std::size_t s = 0; s < record_.snapshots.size(); ++s)
      if (const Eigen::VectorXd* vector = get(record_.snapshots[s]))
        rows.set(s, std::vector<double>(vector->data(), vector->data() + vector->size()));
    content_.add(variable({name, "1", meaning}, {"snapshot", "w"}, rows.take()));
  }

  template <class Get>
  void add_matrices(const char* name, const char* meaning, const Get& get) {
    Rows rows(n_, static_cast<std::size_t>(d_) * static_cast<std::size_t>(d_));
    for (std::size_t s = 0; s < record_.snapshots.size(); ++s) {
      const Eigen::MatrixXd* matrix = get(record_.snapshots[s]);
      if (matrix == nullptr) continue;
      std::vector<double> row;
      for (int k = 0; k < d_; ++k)
        for (int l = 0; l < d_; ++l) row.push_back((*matrix)(k, l));
      rows.set(s, row);
    }
    content_.add(variable({name, "1", meaning}, {"snapshot", "w", "w_column"}, rows.take()));
  }

  NetcdfContent& content_;
  const SolveRecord& record_;
  int d_;
  std::size_t n_;
  std::vector<std::size_t> cells_;
};

}  // namespace

NetcdfContent solve_content(const SolveRecord& record) {
  NetcdfContent content;
  add_attributes(content, record);
  Builder builder(content, record);
  builder.add_dimensions();
  builder.add_report();
  if (record.densities.empty()) return content;
  builder.add_moments();
  builder.add_exact();
  builder.add_frame();
  builder.add_marginals();
  builder.add_plane_marginals();
  builder.add_density();
  add_solve_products(content, record);
  return content;
}

void write_solve(const std::string& path, const SolveRecord& record) {
  const NetcdfContent content = solve_content(record);
  const h5::FileImage image = netcdf_image(content, path);
  commit_file(path, image.bytes(), [&](const std::string& temporary) { verify_content(content, temporary); });
}

std::string why_not_writable(const std::string& path, const std::string& command) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return "it is a directory, not a file";
  const fs::path directory = fs::path(path).parent_path();
  if (!directory.empty() && !fs::is_directory(directory, ignored)) return "there is no directory " + directory.string();
  if (!fs::exists(fs::symlink_status(path, ignored))) return "";
  try {
    if (NetcdfFile(path).text_attribute("file_kind") == command) return "";
  } catch (const Error&) {  // not HDF5: someone else's file
  }
  return "a file is there that `driftwood " + command + "` did not write";
}

}  // namespace driftwood::store
