#include "driftwood/store/stored_point.hpp"

#include <cmath>

#include "driftwood/core/error.hpp"

namespace driftwood::store {

namespace {

/// The path of a point's file that is complete.
std::string complete_file(const RunDirectory& run, const std::string& id) {
  const PointFileCheck check = check_point(run, id);
  const std::string path = run.point_file(id);
  if (!check.complete) throw IoError(path + ": " + (check.why_not.empty() ? "there is no such file" : check.why_not));
  return path;
}

}  // namespace

StoredPoint::StoredPoint(const RunDirectory& run, const std::string& id) : file_(complete_file(run, id)) {
  times_ = reals("time");
  for (const std::int64_t step : h5::read<std::int64_t>(h5::open_dataset(file_.id(), "step")))
    steps_.push_back(static_cast<std::uint32_t>(step));
  n_replicas_ = static_cast<long>(h5::read<std::int64_t>(h5::open_dataset(file_.id(), "n_replicas")).at(0));
  dimension_ = h5::read<std::string>(h5::open_dataset(file_.id(), "w")).size();
  if (has("closure")) closures_ = h5::read<std::string>(h5::open_dataset(file_.id(), "closure"));
  if (has("parameter")) parameter_names_ = h5::read<std::string>(h5::open_dataset(file_.id(), "parameter"));
}

bool StoredPoint::has(const std::string& variable) const {
  for (const NetcdfFile::Entry& entry : file_.variables())
    if (entry.name == variable) return true;
  return false;
}

std::vector<double> StoredPoint::reals(const std::string& variable) const {
  return h5::read<double>(h5::open_dataset(file_.id(), variable));
}

std::vector<double> StoredPoint::at_snapshot(const std::string& variable, std::size_t snapshot) const {
  return h5::read_slab(h5::open_dataset(file_.id(), variable), snapshot);
}

std::vector<fp::Density> StoredPoint::densities(std::size_t closure, double z_max, double stretching) const {
  std::vector<fp::Density> result;
  if (!has("density")) return result;
  const h5::Dataset dataset = h5::open_dataset(file_.id(), "density");
  const std::vector<std::size_t> shape = h5::shape(dataset);
  const std::vector<double> all = h5::read_slab(dataset, closure);
  const std::vector<double> centre = reals("frame_centre");
  const std::vector<double> scale = reals("frame_scale");
  const std::size_t n_cells = all.size() / times_.size();
  for (std::size_t s = 0; s < times_.size(); ++s) {
    const double* p = &all[s * n_cells];
    if (std::isnan(p[0])) break;
    fp::Density density;
    density.time = times_[s];
    density.grid.z_max = z_max;
    density.grid.stretching = stretching;
    density.frame = {Eigen::VectorXd(dimension_), Eigen::MatrixXd::Zero(dimension_, dimension_)};
    for (std::size_t k = 0; k < dimension_; ++k) {
      const std::size_t at = (closure * times_.size() + s) * dimension_ + k;
      density.frame.centre[k] = centre[at];
      for (std::size_t l = 0; l <= k; ++l) density.frame.scale(k, l) = scale[at * dimension_ + l];
      // A solve on fewer cells than the file has fills the first ones.
      std::size_t stride = 1;
      for (std::size_t l = k + 1; l < dimension_; ++l) stride *= shape[2 + l];
      int n = 0;
      while (n < static_cast<int>(shape[2 + k]) && !std::isnan(p[n * stride])) ++n;
      density.grid.cells.push_back(n);
    }
    for (std::size_t cell = 0; cell < n_cells; ++cell)
      if (!std::isnan(p[cell])) density.p.push_back(p[cell]);
    if (static_cast<long>(density.p.size()) != density.grid.n_cells())
      throw IoError(file_.path() + ": the cells of a density do not form a grid");
    result.push_back(std::move(density));
  }
  return result;
}

}  // namespace driftwood::store
