#include "marginal_content.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "rows.hpp"

namespace driftwood::store {

namespace {

using Densities = std::vector<const fp::Density*>;

/// The marginals along one axis of all densities; without bins where there is no density.
std::vector<fp::Marginal> marginals_along(const Densities& densities, int axis) {
  std::vector<fp::Marginal> marginals;
  for (const fp::Density* density : densities)
    marginals.push_back(density == nullptr ? fp::Marginal{} : fp::marginal(*density, axis));
  return marginals;
}

/// The number of bins along `axis`.
std::size_t add_line(NetcdfContent& content, const Densities& densities, std::size_t axis) {
  const std::vector<fp::Marginal> marginals = marginals_along(densities, static_cast<int>(axis));
  std::size_t n = 0;
  for (const fp::Marginal& marginal : marginals) n = std::max(n, marginal.mass.size());
  Rows edges(marginals.size(), n + 1), centres(marginals.size(), n), values(marginals.size(), n);
  for (std::size_t row = 0; row < marginals.size(); ++row) {
    const fp::Marginal& marginal = marginals[row];
    std::vector<double> middle, density;
    for (std::size_t i = 0; i < marginal.mass.size(); ++i) {
      const double width = marginal.edges[i + 1] - marginal.edges[i];
      middle.push_back(marginal.edges[i] + width / 2);
      density.push_back(marginal.mass[i] / width);
    }
    edges.set(row, marginal.edges);
    centres.set(row, middle);
    values.set(row, density);
  }
  const std::string bins = numbered("bin", axis);
  const std::string of_axis = numbered(" of the marginal along tracked weight ", axis);
  content.dimensions.push_back({bins, n});
  content.dimensions.push_back({numbered("edge", axis), n + 1});
  content.add(variable({numbered("w", axis, "_edge"), "1", "edges of the bins" + of_axis},
                       {"closure", "snapshot", numbered("edge", axis)}, edges.take()));
  content.add(as_coordinate(variable({numbered("w", axis, "_centre"), "1", "centres of the bins" + of_axis},
                                     {"closure", "snapshot", bins}, centres.take())));
  content.add(variable({numbered("marginal", axis), "1", numbered("marginal density along tracked weight ", axis)},
                       {"closure", "snapshot", bins}, values.take()));
  return n;
}

void add_plane(NetcdfContent& content, const Densities& densities, std::size_t first, std::size_t second,
               std::size_t n_first, std::size_t n_second) {
  content.add(lazy_variable(
      {numbered("marginal", first, std::to_string(second + 1).c_str()), "1",
       numbered("marginal density in the plane of tracked weights ", first) + numbered(" and ", second)},
      {"closure", "snapshot", numbered("bin", first), numbered("bin", second)},
      [densities, first, second, n_first, n_second] {
        Rows rows(densities.size(), n_first * n_second);
        for (std::size_t row = 0; row < densities.size(); ++row) {
          if (densities[row] == nullptr) continue;
          const fp::MarginalPlane plane =
              fp::marginal_plane(*densities[row], static_cast<int>(first), static_cast<int>(second));
          const std::size_t n_b = plane.edges_b.size() - 1;
          std::vector<double> values(n_first * n_second, std::numeric_limits<double>::quiet_NaN());
          for (std::size_t bin = 0; bin < plane.mass.size(); ++bin) {
            const std::size_t a = bin / n_b, b = bin % n_b;
            const double area = (plane.edges_a[a + 1] - plane.edges_a[a]) * (plane.edges_b[b + 1] - plane.edges_b[b]);
            values[a * n_second + b] = plane.mass[bin] / area;
          }
          rows.set(row, values);
        }
        return rows.take();
      }));
}

}  // namespace

void add_marginals(NetcdfContent& content, const std::vector<const fp::Density*>& densities) {
  const std::size_t d = content.length("w");
  std::vector<std::size_t> n_bins;
  for (std::size_t axis = 0; axis < d; ++axis) n_bins.push_back(add_line(content, densities, axis));
  for (std::size_t first = 0; first < d; ++first)
    for (std::size_t second = first + 1; second < d; ++second)
      add_plane(content, densities, first, second, n_bins[first], n_bins[second]);
}

}  // namespace driftwood::store
