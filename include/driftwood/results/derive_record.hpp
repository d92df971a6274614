#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "driftwood/results/records.hpp"

namespace driftwood::results {

/// One quantity of the Callan-Symanzik flow or the KPZ balance, known for every source (the ensemble, or a closure) at
/// every snapshot.
struct DerivedQuantity {
  std::string name;
  std::vector<std::string> dimensions;  ///< after source and snapshot
  std::string long_name;
};

/// Nodes of kernel heights, at u = -3, -2.9, .. 3 of the first weight's field.
constexpr int n_height_nodes = 61;

/// All of them, in the file's order.
const std::vector<DerivedQuantity>& derived_quantities();

/// What sections 7 and 8 of the equations make of one point.
struct DeriveRecord {
  std::string id;                           ///< of the point
  std::vector<std::string> tracked_names;   ///< d
  std::vector<double> times;                ///< of the snapshots
  std::vector<std::string> operators;       ///< their names
  std::vector<int> truncations;             ///< numbers of operators for the residuals
  std::vector<std::string> sources;         ///< "ensemble", then closures
  std::vector<std::string> status;          ///< of each source: ok, or why it is not there
  std::vector<double> field_centre;         ///< snapshot x d: m of u = zeta^-1 (w - m)
  std::vector<double> field_scale;          ///< snapshot x d: diagonal of zeta
  int n_profile_cells = 0;                  ///< of height profiles; 0: none
  std::vector<std::vector<double>> values;  ///< of each quantity: source x snapshot x its dimensions; NaN: not known
  std::vector<std::pair<std::string, std::string>> configuration;
  Provenance provenance;

  std::size_t length(const std::string& dimension) const;  ///< Throws InternalError for an unknown one.
  std::size_t row_size(const DerivedQuantity& quantity) const;
};

/// The values of one source at one snapshot; what is not set is NaN.
class DerivedRow {
 public:
  explicit DerivedRow(const DeriveRecord& record) : record_(record) {}

  /// Throws InternalError for an unknown quantity or another number of values.
  void set(const std::string& quantity, std::vector<double> values);
  /// All quantities one after another.
  std::vector<double> flat() const;

 private:
  const DeriveRecord& record_;
  std::map<std::string, std::vector<double>> values_;
};

}  // namespace driftwood::results
