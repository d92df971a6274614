#pragma once

#include <string>
#include <vector>

#include "driftwood/fp/density.hpp"
#include "driftwood/store/netcdf.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::store {

/// A committed point's ensemble and densities, read when they are asked for. Not collective.
class StoredPoint {
 public:
  /// Throws IoError unless a complete file is there.
  StoredPoint(const RunDirectory& run, const std::string& id);

  const std::vector<std::uint32_t>& steps() const { return steps_; }
  const std::vector<double>& times() const { return times_; }
  long n_replicas() const { return n_replicas_; }
  const std::vector<std::string>& closures() const { return closures_; }
  const std::vector<std::string>& parameter_names() const { return parameter_names_; }

  /// weights, loss, drift, diffusion or parameters of all replicas at a snapshot.
  std::vector<double> at_snapshot(const std::string& variable, std::size_t snapshot) const;
  /// A closure's densities at the first snapshots, as far as it was solved. `z_max` and `stretching`: of the solve's
  /// grid (fp::Grid).
  std::vector<fp::Density> densities(std::size_t closure, double z_max, double stretching) const;

 private:
  std::vector<double> reals(const std::string& variable) const;
  bool has(const std::string& variable) const;

  NetcdfFile file_;
  std::vector<std::uint32_t> steps_;
  std::vector<double> times_;
  long n_replicas_ = 0;
  std::size_t dimension_ = 0;
  std::vector<std::string> closures_;
  std::vector<std::string> parameter_names_;
};

}  // namespace driftwood::store
