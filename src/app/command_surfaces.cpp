#include <algorithm>
#include <cmath>
#include <cstdio>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/app/stop_signal.hpp"
#include "driftwood/app/version.hpp"
#include "driftwood/core/error.hpp"
#include "driftwood/store/solve_file.hpp"
#include "driftwood/store/surface_file.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::app {

namespace {

constexpr int n_bootstrap = 200;

/// What the words of the command line ask for.
struct SurfaceRequest {
  std::string output;
  std::vector<int> sites{32, 64, 128, 256, 512};
  double nonlinearity = 2;
  int n_replicas = 64;
  std::uint32_t seed = 1;
};

/// The numbers of an option, each from `low` to `high`; `fallback` where it is not given.
std::vector<double> numbers(const CommandLine& line, const char* name, double low, double high, bool whole,
                            const std::vector<double>& fallback) {
  const auto found = line.options.find(name);
  if (found == line.options.end()) return fallback;
  std::vector<double> values;
  bool is_right = true;
  try {
    for (const std::string_view part : sweep::split_list(found->second)) {
      values.push_back(sweep::parse_number(part));
      is_right = is_right && values.back() >= low && values.back() <= high &&
                 (!whole || values.back() == std::floor(values.back()));
    }
  } catch (const sweep::ValueError&) {
    is_right = false;
  }
  if (!is_right || values.empty() || (fallback.size() == 1 && values.size() > 1))
    throw ConfigError(std::string("command line: --") + name + " = " + found->second +
                      "; allowed: " + (fallback.size() == 1 ? "a number " : "numbers ") + sweep::format_number(low) +
                      ".." + sweep::format_number(high) + (whole ? " without a fraction" : "") +
                      (fallback.size() == 1 ? "" : ", commas between them"));
  return values;
}

SurfaceRequest read_request(const CommandLine& line) {
  SurfaceRequest request;
  const auto given = line.options.find("output");
  if (given == line.options.end() || given->second.empty())
    throw ConfigError("command line: --output FILE is needed: the HDF5 file to write");
  request.output = given->second;
  const std::vector<double> sites =
      numbers(line, "sites", 8, 65536, true, {request.sites.begin(), request.sites.end()});
  request.sites.assign(sites.begin(), sites.end());
  if (request.sites.size() < 2 ||
      std::adjacent_find(request.sites.begin(), request.sites.end(), std::greater_equal<>()) != request.sites.end())
    throw ConfigError("command line: --sites = " + line.options.at("sites") + "; allowed: two or more, ascending");
  request.nonlinearity = numbers(line, "nonlinearity", 0, 2.5, false, {request.nonlinearity}).front();
  request.n_replicas = static_cast<int>(numbers(line, "replicas", 2, 1e6, true, {64}).front());
  request.seed = static_cast<std::uint32_t>(numbers(line, "seed", 0, 4294967295.0, true, {1}).front());
  return request;
}

analysis::SurfaceModel model_of(const SurfaceRequest& request, int n_sites) {
  analysis::SurfaceModel model;
  model.n_sites = n_sites;
  model.nonlinearity = request.nonlinearity;
  model.step = request.nonlinearity == 0 ? 0.1 : 0.02;
  return model;
}

/// All replicas' rows on every rank; nothing where a rank was asked to stop. Collective.
std::optional<analysis::ReplicaRows> grown(const analysis::SurfacePlan& plan, const SurfaceRequest& request,
                                           const mpi::Communicator& world) {
  const CounterRandom random(request.seed, static_cast<std::uint32_t>(plan.model.n_sites));
  const mpi::Share share = mpi::share_of(request.n_replicas, world.rank(), world.size());
  std::vector<double> mine;
  bool goes_on = true;
  for (long r = share.first; r < share.first + share.count && goes_on; ++r) {
    const std::vector<double> row = analysis::grown_surface(plan, random, static_cast<std::uint64_t>(r));
    mine.insert(mine.end(), row.begin(), row.end());
    goes_on = !stop_requested();
  }
  if (!world.all(goes_on)) return {};
  return analysis::ReplicaRows{request.n_replicas, world.all_gather(mine)};
}

/// Means over replicas of `count` columns with their standard errors.
std::vector<analysis::Estimate> columns(const analysis::ReplicaRows& rows, std::size_t first, std::size_t count) {
  std::vector<analysis::Estimate> result;
  const auto n = static_cast<double>(rows.n_replicas);
  for (std::size_t column = first; column < first + count; ++column) {
    double mean = 0;
    double squares = 0;
    for (int r = 0; r < rows.n_replicas; ++r) mean += rows.values[r * rows.width() + column] / n;
    for (int r = 0; r < rows.n_replicas; ++r) squares += std::pow(rows.values[r * rows.width() + column] - mean, 2);
    result.push_back({mean, std::sqrt(squares / (n - 1) / n)});
  }
  return result;
}

results::SurfaceRecord record_of(const SurfaceRequest& request, const std::vector<analysis::SurfacePlan>& plans,
                                 const std::vector<analysis::ReplicaRows>& rows, int n_ranks) {
  const bool is_linear = request.nonlinearity == 0;
  const analysis::SurfaceExponents found =
      analysis::surface_exponents(plans, rows, n_bootstrap, CounterRandom(request.seed, 0));
  results::SurfaceRecord record;
  for (std::size_t k = 0; k < plans.size(); ++k) {
    const std::size_t n_times = plans[k].times.size();
    const std::size_t n_modes = plans[k].modes.size();
    record.sizes.push_back({plans[k], columns(rows[k], 0, n_times), columns(rows[k], n_times + n_modes, n_times),
                            columns(rows[k], n_times, n_modes), found.settled[k]});
  }
  record.exponents = {{"roughness", found.roughness, 0.5},
                      {"growth", found.growth, is_linear ? 0.25 : 1.0 / 3},
                      {"dynamic", found.dynamic, is_linear ? 2.0 : 1.5}};
  record.configuration = {{"nonlinearity", sweep::format_number(request.nonlinearity)},
                          {"replicas", std::to_string(request.n_replicas)},
                          {"seed", std::to_string(request.seed)},
                          {"time_step", sweep::format_number(plans.front().model.step)},
                          {"growth_from", sweep::format_number(plans.back().growth_from)},
                          {"growth_to", sweep::format_number(plans.back().growth_to)}};
  record.provenance.entries = provenance_entries(n_ranks);
  return record;
}

std::string table_of(const results::SurfaceRecord& record) {
  std::string text = "sites   settled W^2   error     known\n";
  char row[120];
  for (const results::SurfaceSize& size : record.sizes) {
    std::snprintf(row, sizeof row, "%5d  %12.4f  %7.4f  %8.4f\n", size.plan.model.n_sites, size.settled.value,
                  size.settled.error, analysis::settled_roughness(size.plan.model));
    text += row;
  }
  text += "\nexponent    measured  error    known\n";
  for (const results::SurfaceExponent& exponent : record.exponents) {
    std::snprintf(row, sizeof row, "%-10s  %8.4f  %7.4f  %.4f\n", exponent.name.c_str(), exponent.measured.value,
                  exponent.measured.error, exponent.exact);
    text += row;
  }
  return text;
}

}  // namespace

ExitCode surfaces_command(const CommandLine& line, const mpi::Communicator& world) {
  SurfaceRequest request;
  std::vector<analysis::SurfacePlan> plans;
  mpi::agree(world, [&] {
    request = read_request(line);
    for (const int n_sites : request.sites) plans.push_back(analysis::surface_plan(model_of(request, n_sites)));
    const std::string why_not = world.is_root() ? store::why_not_writable(request.output, "surfaces") : "";
    if (!why_not.empty()) throw ConfigError("command line: --output " + request.output + ": " + why_not);
  });
  std::vector<analysis::ReplicaRows> rows;
  for (const analysis::SurfacePlan& plan : plans) {
    print("growing " + std::to_string(request.n_replicas) + " lines of " + std::to_string(plan.model.n_sites) +
              " sites to t = " + sweep::format_number(std::round(plan.times.back())) + "\n",
          world);
    auto found = grown(plan, request, world);
    if (!found) {
      print("stopped; nothing is kept of surfaces: run the same command again\n", world);
      return ExitCode::stopped;
    }
    rows.push_back(std::move(*found));
  }
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    const results::SurfaceRecord record = record_of(request, plans, rows, world.size());
    store::write_surfaces(request.output, record);
    print("\n" + table_of(record) + "\nresult:  " + request.output + "\n", world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
