// One reference problem of the Fokker-Planck benchmark (tests/bench/fokker_planck.py), solved once:
//
//   mpirun -n N bench_fokker_planck PROBLEM CELLS STEPS SCHEME FLUX FRAME [Z_MAX]
//
// Problems (share/doc/performance.md): A: b = w - w^3, D = 0.1, [-2.5, 2.5], t = 10. B, C, D: Ornstein-Uhlenbeck in 2,
// 3, 4 dimensions, D = 0.2, [-3, 3]^d, t = 1. Prints one line of JSON: seconds of the solve, L1 error against the exact
// density at the cells' centres (B, C, D) or the values of the density (A, for the script to compare), mass, minimum,
// memory.
#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/exact_solutions.hpp"
#include "driftwood/fp_solver/solver.hpp"
#include "driftwood/petsc/session.hpp"

namespace {

using namespace driftwood;

/// b = w - w^3, D = 0.1.
class DoubleWell : public fp::Coefficients {
 public:
  int dimension() const override { return 1; }
  bool depends_on_time() const override { return false; }
  void evaluate(double /*t*/, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override {
    for (std::size_t i = 0; i < w.size(); ++i) {
      drift[i] = w[i] - w[i] * w[i] * w[i];
      diffusion[i] = 0.1;
    }
  }
};

fp::OrnsteinUhlenbeck reference(int d) {
  Eigen::Matrix4d A;
  A << 1, .6, .2, -.1, -.4, .8, .3, .2, .1, -.5, 1.2, .4, .3, .1, -.2, .9;
  return {A.topLeftCorner(d, d), Eigen::VectorXd::Zero(d), 0.2 * Eigen::MatrixXd::Identity(d, d)};
}

fp::Gaussian reference_start(int d) {
  const Eigen::Vector4d mean(.8, -.6, .5, -.4);
  return {mean.head(d), 0.1 * Eigen::MatrixXd::Identity(d, d)};
}

template <class Value>
Value choose(const std::string& word, std::initializer_list<std::pair<const char*, Value>> table) {
  for (const auto& [name, value] : table)
    if (word == name) return value;
  std::fprintf(stderr, "bench_fokker_planck: unknown word '%s'\n", word.c_str());
  std::exit(2);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + 1e-6 * usage.ru_utime.tv_usec;
}

long peak_memory_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

int run(int argc, char** argv, const mpi::Communicator& world) {
  if (argc < 7) {
    std::fprintf(stderr, "usage: bench_fokker_planck A|B|C|D CELLS STEPS SCHEME FLUX FRAME [Z_MAX]\n");
    return 2;
  }
  using namespace fp_solver;
  const char problem = argv[1][0];
  const int d = problem - 'A' + 1;
  SolveOptions options;
  options.cells.assign(d, std::atoi(argv[2]));
  const int n_steps = std::atoi(argv[3]);
  options.time_scheme = choose<TimeScheme>(argv[4], {{"strang", TimeScheme::strang},
                                                     {"modified_patankar", TimeScheme::modified_patankar},
                                                     {"backward_euler", TimeScheme::backward_euler},
                                                     {"bdf2", TimeScheme::bdf2},
                                                     {"crank_nicolson", TimeScheme::crank_nicolson},
                                                     {"sdirk2", TimeScheme::sdirk2}});
  options.flux = choose<fp::FluxKind>(argv[5], {{"chang_cooper", fp::FluxKind::chang_cooper},
                                                {"limited", fp::FluxKind::limited},
                                                {"fourth_order", fp::FluxKind::fourth_order}});
  options.frame = choose<FrameKind>(
      argv[6], {{"fixed", FrameKind::fixed}, {"shifted", FrameKind::shifted}, {"diagonal", FrameKind::diagonal}});
  const double end = problem == 'A' ? 10 : 1;
  options.tolerance = 0;
  options.max_step = end / n_steps;
  if (options.frame == FrameKind::fixed) {
    options.low.assign(d, problem == 'A' ? -2.5 : -3.0);
    options.high.assign(d, problem == 'A' ? 2.5 : 3.0);
  }
  options.support_tail = 1e-6;
  if (argc > 7) options.z_max = std::atof(argv[7]);
  const long before = peak_memory_kib();
  const fp::OrnsteinUhlenbeck ou = reference(std::max(1, problem == 'A' ? 1 : d));
  const DoubleWell well;
  const fp::Coefficients& coefficients = problem == 'A' ? static_cast<const fp::Coefficients&>(well) : ou;
  const fp::InitialDensity start =
      problem == 'A' ? fp::InitialDensity({-1.0}, {0.2}) : fp::InitialDensity(reference_start(d));
  const double cpu_before = cpu_seconds();
  const SolveResult result = solve(coefficients, start, {0, end}, options, world);
  if (result.report.status != SolveStatus::ok) {
    std::fprintf(stderr, "bench_fokker_planck: %s\n", result.report.message.c_str());
    return 1;
  }
  const double cpu = world.max(cpu_seconds() - cpu_before);
  const fp::Density& density = result.snapshots.back();
  const double l1 = problem == 'A' ? 0 : fp::l1_error(density, ou.evolve(reference_start(d), end));
  const long bytes = world.sum((peak_memory_kib() - before) * 1024);
  if (world.rank() != 0) return 0;
  std::printf(
      "{\"seconds\": %.6g, \"cpu_seconds\": %.6g, \"l1\": %.6g, \"mass_error\": %.3g, \"min\": %.3g, \"iterations\": "
      "%ld, \"steps\": %ld, "
      "\"bytes\": %ld, \"unknowns\": %ld",
      result.report.seconds, cpu, l1, result.report.max_mass_error, result.report.min_density,
      result.report.n_linear_iterations, result.report.n_steps, bytes, density.grid.n_cells());
  if (problem == 'A') {
    std::printf(", \"density\": [");
    for (std::size_t i = 0; i < density.p.size(); ++i) std::printf("%s%.10g", i ? ", " : "", density.p[i]);
    std::printf("]");
  }
  std::printf("}\n");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const mpi::Session mpi(&argc, &argv);
  const petsc::Session petsc({});
  const mpi::Communicator world(MPI_COMM_WORLD);
  return run(argc, argv, world);
}
