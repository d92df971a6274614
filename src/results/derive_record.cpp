#include "driftwood/results/derive_record.hpp"

#include <algorithm>
#include <limits>

#include "driftwood/core/error.hpp"

namespace driftwood::results {

const std::vector<DerivedQuantity>& derived_quantities() {
  static const std::vector<DerivedQuantity> quantities{
      {"coupling", {"operator"}, "coupling g_a: of largest likelihood for 1 and 2 weights, else by score matching"},
      {"coupling_error", {"operator"}, "standard error of the coupling, by the bootstrap"},
      {"score_coupling", {"operator"}, "coupling by score matching"},
      {"beta_function", {"operator"}, "beta function dg_a/dt in the snapshot's field, its motion included (7.1)"},
      {"beta_function_error", {"operator"}, "standard error of the beta function, by the bootstrap"},
      {"anomalous_dimension", {"w"}, "anomalous dimension gamma = d ln(std)/dt"},
      {"anomalous_dimension_error", {"w"}, "standard error of the anomalous dimension, by the bootstrap"},
      {"condition_number", {}, "largest over smallest eigenvalue of the operators' correlation matrix"},
      {"rank", {}, "combinations of operators that are told apart"},
      {"fit_converged", {}, "1 where couplings of largest likelihood were found"},
      {"edge_mass", {}, "mass of the fitted density in the outermost cells of its box"},
      {"tangent_residual", {"truncation"}, "part of the density's change that the first operators leave out, L2(p)"},
      {"predicted_coupling", {"operator"}, "coupling that dg/dt = beta(g) predicts from the first snapshot"},
      {"rest", {"w"}, "where the drift of this time leads the density's mean, if it is known as far as there"},
      {"fixed_point", {"operator"}, "coupling at which the beta functions of this time vanish, near the rest"},
      {"fixed_point_mean", {"w"}, "mean of the density with these couplings"},
      {"fixed_point_std", {"w"}, "its standard deviation"},
      {"stability_real", {"operator"}, "real parts of the eigenvalues of d beta / d g there, largest first"},
      {"stability_imaginary", {"operator"}, "imaginary parts of these"},
      {"delay", {}, "delay tau of the n-point functions"},
      {"npoint", {"order"}, "n-point function G_n of the first weight's renormalised field"},
      {"npoint_delay_term", {"order"}, "-dG_n/dtau"},
      {"npoint_coupling_term", {"order", "truncation"}, "sum_a beta_a dG_n/dg_a with the first operators"},
      {"npoint_scaling_term", {"order", "truncation"}, "n gamma G_n with the first operators"},
      {"npoint_residual", {"order", "truncation"}, "sum of the terms (7.2) relative to its largest possible size"},
      {"height_rate_norm", {}, "norm of d_t h in L2(p), h = ln p"},
      {"height_diffusion_norm", {}, "norm of D_ij d_i d_j h (8.1)"},
      {"height_growth_norm", {}, "norm of D_ij d_i h d_j h (8.1)"},
      {"height_advection_norm", {}, "norm of (2 d_j D_ij - b_i) d_i h (8.1)"},
      {"height_source_norm", {}, "norm of d_i d_j D_ij - d_i b_i (8.1)"},
      {"height_residual_norm",
       {},
       "norm of d_t h less the right side of (8.1); of second order in the snapshots' spacing"},
      {"height_mass", {}, "mass of the cells that these norms speak for"},
      {"profile_w", {"cell1"}, "w of the height profile"},
      {"height", {"cell1"}, "h = ln p"},
      {"height_rate", {"cell1"}, "d_t h between the neighbouring snapshots"},
      {"height_diffusion", {"cell1"}, "D_ij d_i d_j h"},
      {"height_growth", {"cell1"}, "D_ij d_i h d_j h"},
      {"height_advection", {"cell1"}, "(2 d_j D_ij - b_i) d_i h"},
      {"height_source", {"cell1"}, "d_i d_j D_ij - d_i b_i"},
      {"potential", {"cell1"}, "V = -int b of (8.2), for one weight"},
      {"transformed_height", {"cell1"}, "h + V / (2 D) with the mean D"},
      {"transformed_source", {"cell1"}, "U = b^2 / (4 D) + b' / 2 with the mean D"},
      {"diffusion_spread", {}, "standard deviation of D over p relative to the mean; (8.2) is exact where it is 0"},
      {"transformed_residual", {}, "norm of (8.2)'s residual relative to that of d_t h"},
      {"kernel_w", {"node"}, "w of the first weight where kernel heights are known"},
      {"kernel_height", {"node"}, "ln of the first weight's density, smoothed by the ensemble's kernel"},
      {"kernel_height_error", {"node"}, "standard error of the ensemble's, by the bootstrap"},
      {"height_roughness",
       {},
       "standard deviation over p of the ensemble's kernel height less the closure's; of the ensemble: what sampling "
       "alone makes of it"},
  };
  return quantities;
}

std::size_t DeriveRecord::length(const std::string& dimension) const {
  if (dimension == "source") return sources.size();
  if (dimension == "snapshot") return times.size();
  if (dimension == "operator") return operators.size();
  if (dimension == "truncation") return truncations.size();
  if (dimension == "w") return tracked_names.size();
  if (dimension == "order") return 4;
  if (dimension == "node") return n_height_nodes;
  if (dimension == "cell1") return static_cast<std::size_t>(n_profile_cells);
  throw InternalError("derived quantities have no dimension " + dimension);
}

std::size_t DeriveRecord::row_size(const DerivedQuantity& quantity) const {
  std::size_t size = 1;
  for (const std::string& dimension : quantity.dimensions) size *= length(dimension);
  return size;
}

void DerivedRow::set(const std::string& quantity, std::vector<double> values) {
  const auto& all = derived_quantities();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == quantity; });
  if (found == all.end() || values.size() != record_.row_size(*found))
    throw InternalError("no derived quantity '" + quantity + "' of " + std::to_string(values.size()) + " values");
  values_[quantity] = std::move(values);
}

std::vector<double> DerivedRow::flat() const {
  std::vector<double> flat;
  for (const DerivedQuantity& quantity : derived_quantities()) {
    const auto found = values_.find(quantity.name);
    if (found != values_.end())
      flat.insert(flat.end(), found->second.begin(), found->second.end());
    else
      flat.insert(flat.end(), record_.row_size(quantity), std::numeric_limits<double>::quiet_NaN());
  }
  return flat;
}

}  // namespace driftwood::results
