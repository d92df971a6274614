#include <algorithm>
#include <functional>
#include <limits>

#include "driftwood/store/commit.hpp"
#include "driftwood/store/store.hpp"
#include "driftwood/store/surface_file.hpp"

namespace driftwood::store {

namespace {

using analysis::Estimate;
using results::SurfaceRecord;
using results::SurfaceSize;
using Numbers = std::vector<double>;

/// One number of every size.
Numbers of_sizes(const SurfaceRecord& record, const std::function<double(const SurfaceSize&)>& number) {
  Numbers result;
  for (const SurfaceSize& size : record.sizes) result.push_back(number(size));
  return result;
}

/// size x length, NaN where a size has fewer.
Numbers table(const SurfaceRecord& record, std::size_t length, const std::function<Numbers(const SurfaceSize&)>& row) {
  Numbers result;
  for (const SurfaceSize& size : record.sizes) {
    Numbers values = row(size);
    values.resize(length, std::numeric_limits<double>::quiet_NaN());
    result.insert(result.end(), values.begin(), values.end());
  }
  return result;
}

Numbers values_of(const std::vector<Estimate>& estimates) {
  Numbers result;
  for (const Estimate& estimate : estimates) result.push_back(estimate.value);
  return result;
}

Numbers errors_of(const std::vector<Estimate>& estimates) {
  Numbers result;
  for (const Estimate& estimate : estimates) result.push_back(estimate.error);
  return result;
}

Numbers wave_numbers(const SurfaceSize& size) {
  Numbers result;
  for (const int m : size.plan.modes) result.push_back(analysis::lattice_wave_number(size.plan.model, m));
  return result;
}

void add_exponents(NetcdfContent& content, const SurfaceRecord& record) {
  std::vector<std::string> names;
  Numbers measured;
  Numbers error;
  Numbers exact;
  for (const results::SurfaceExponent& exponent : record.exponents) {
    names.push_back(exponent.name);
    measured.push_back(exponent.measured.value);
    error.push_back(exponent.measured.error);
    exact.push_back(exponent.exact);
  }
  content.dimensions.push_back({"exponent", names.size()});
  content.add(
      as_coordinate(variable({"exponent", "1", "roughness alpha, growth beta, dynamic z"}, {"exponent"}, names)));
  content.add(variable({"measured", "1", "exponent as measured"}, {"exponent"}, measured));
  content.add(variable({"measured_error", "1", "its standard error, by the bootstrap"}, {"exponent"}, error));
  content.add(variable({"exact", "1", "the exponent that is known"}, {"exponent"}, exact));
}

}  // namespace

NetcdfContent surface_content(const SurfaceRecord& record) {
  NetcdfContent content;
  content.add_attribute("title", "driftwood surfaces: stochastic growth of lines");
  content.add_attribute("Conventions", "CF-1.8");
  content.add_attribute("file_kind", "surfaces");
  content.add_attribute("schema_version", std::int64_t{schema_version});
  for (const auto& [key, value] : record.configuration) content.add_attribute(key, value);
  for (const auto& [key, value] : record.provenance.entries) content.add_attribute(key, value);
  std::size_t n_times = 0;
  std::size_t n_modes = 0;
  std::vector<std::int64_t> sites;
  for (const SurfaceSize& size : record.sizes) {
    n_times = std::max(n_times, size.plan.times.size());
    n_modes = std::max(n_modes, size.plan.modes.size());
    sites.push_back(size.plan.model.n_sites);
  }
  content.dimensions.push_back({"size", sites.size()});
  content.dimensions.push_back({"moment", n_times});
  content.dimensions.push_back({"mode", n_modes});
  content.add(as_coordinate(variable({"size", "1", "L, sites of a periodic line"}, {"size"}, sites)));
  const auto add = [&](const Label& label, const std::string& along, std::size_t length, const auto& row) {
    content.add(variable(label, {"size", along}, table(record, length, row)));
  };
  add({"time", "1", "time t since the line was flat"}, "moment", n_times,
      [](const SurfaceSize& size) { return size.plan.times; });
  add({"squared_roughness", "1", "W^2, mean square distance to the mean height"}, "moment", n_times,
      [](const SurfaceSize& size) { return values_of(size.squared_roughness); });
  add({"squared_roughness_error", "1", "its standard error"}, "moment", n_times,
      [](const SurfaceSize& size) { return errors_of(size.squared_roughness); });
  add({"mean_height", "1", "mean height; with the nonlinear term the line moves"}, "moment", n_times,
      [](const SurfaceSize& size) { return values_of(size.mean_height); });
  add({"mean_height_error", "1", "its standard error"}, "moment", n_times,
      [](const SurfaceSize& size) { return errors_of(size.mean_height); });
  add({"wave_number", "1", "2 sin(pi m / L) of the mode"}, "mode", n_modes, wave_numbers);
  add({"structure", "1", "structure function <|h_m|^2> / L of settled lines"}, "mode", n_modes,
      [](const SurfaceSize& size) { return values_of(size.structure); });
  add({"structure_error", "1", "its standard error"}, "mode", n_modes,
      [](const SurfaceSize& size) { return errors_of(size.structure); });
  const auto add_each = [&](const Label& label, const std::function<double(const SurfaceSize&)>& number) {
    content.add(variable(label, {"size"}, of_sizes(record, number)));
  };
  add_each({"settled", "1", "W^2 of settled lines"}, [](const SurfaceSize& size) { return size.settled.value; });
  add_each({"settled_error", "1", "its standard error"}, [](const SurfaceSize& size) { return size.settled.error; });
  add_each({"settled_known", "1", "W^2 of the stationary density"},
           [](const SurfaceSize& size) { return analysis::settled_roughness(size.plan.model); });
  add_each({"growth_amplitude", "1", "known A of W^2 = A t^(2 beta) of an infinite line"},
           [](const SurfaceSize& size) { return analysis::growth_amplitude(size.plan.model); });
  add_exponents(content, record);
  return content;
}

void write_surfaces(const std::string& path, const SurfaceRecord& record) {
  const NetcdfContent content = surface_content(record);
  const h5::FileImage image = netcdf_image(content, path);
  commit_file(path, image.bytes(), [&](const std::string& temporary) { verify_content(content, temporary); });
}

}  // namespace driftwood::store
