// One reference problem of the Fokker-Planck benchmark (tests/bench/fokker_planck.py):
//
//   mpirun -n N bench_fokker_planck PROBLEM CELLS STEPS SCHEME FLUX FRAME [ROUNDS [SUPPORT_TAIL [STRETCHING]]]
//
// Problems (share/doc/performance.md): A: b = w - w^3, D = 0.1, [-2.5, 2.5], t = 10. B, C, D: Ornstein-Uhlenbeck in 2,
// 3, 4 dimensions, D = 0.2, [-3, 3]^d, t = 1. W: Ornstein-Uhlenbeck in 2 dimensions, from a standard deviation of 1 to
// 0.01 of it. Prints one line of JSON: seconds of setup and solve (the best of the rounds), L1 error against the exact
// density at the cells' centres, or the values of the density (A, for the script to compare), mass, minimum, memory.
#include <sys/resource.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
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

struct Problem {
  int d;
  double end;
  double half_width;  ///< of the fixed box
  std::unique_ptr<const fp::Coefficients> coefficients;
  fp::Gaussian start;
  std::optional<fp::Gaussian> exact;
};

Problem problem_of(char letter) {
  if (letter == 'A')
    return {1,
            10,
            2.5,
            std::make_unique<DoubleWell>(),
            {Eigen::VectorXd::Constant(1, -1.0), Eigen::MatrixXd::Constant(1, 1, 0.04)},
            {}};
  const int d = letter == 'W' ? 2 : letter - 'A' + 1;
  const Eigen::MatrixXd one = Eigen::MatrixXd::Identity(d, d);
  Eigen::Matrix4d A;
  A << 1, .6, .2, -.1, -.4, .8, .3, .2, .1, -.5, 1.2, .4, .3, .1, -.2, .9;
  Problem problem{d, 1, 3, nullptr, {Eigen::Vector4d(.8, -.6, .5, -.4).head(d), 0.1 * one}, {}};
  fp::OrnsteinUhlenbeck process(A.topLeftCorner(d, d), Eigen::VectorXd::Zero(d), 0.2 * one);
  if (letter == 'W') {
    problem.end = 6;
    problem.half_width = 7;
    problem.start = {Eigen::VectorXd::Zero(d), one};
    process = fp::OrnsteinUhlenbeck(one, Eigen::VectorXd::Zero(d), 9.4e-5 * one);
  }
  problem.exact = process.evolve(problem.start, problem.end);
  problem.coefficients = std::make_unique<fp::OrnsteinUhlenbeck>(process);
  return problem;
}

template <class Value>
Value choose(const std::string& word, std::initializer_list<std::pair<const char*, Value>> table) {
  for (const auto& [name, value] : table)
    if (word == name) return value;
  std::fprintf(stderr, "bench_fokker_planck: unknown word '%s'\n", word.c_str());
  std::exit(2);
}

long peak_memory_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

int run(int argc, char** argv, const mpi::Communicator& world) {
  if (argc < 7 || std::strchr("ABCDW", argv[1][0]) == nullptr) {
    std::fprintf(
        stderr,
        "usage: bench_fokker_planck A|B|C|D|W CELLS STEPS SCHEME FLUX FRAME [ROUNDS [SUPPORT_TAIL [STRETCHING]]]\n");
    return 2;
  }
  using namespace fp_solver;
  const Problem problem = problem_of(argv[1][0]);
  const int rounds = argc > 7 ? std::atoi(argv[7]) : 1;
  SolveOptions options;
  options.cells.assign(problem.d, std::atoi(argv[2]));
  options.time_scheme = choose<TimeScheme>(argv[4], {{"strang", TimeScheme::strang},
                                                     {"modified_patankar", TimeScheme::modified_patankar},
                                                     {"backward_euler", TimeScheme::backward_euler},
                                                     {"bdf2", TimeScheme::bdf2},
                                                     {"crank_nicolson", TimeScheme::crank_nicolson},
                                                     {"sdirk2", TimeScheme::sdirk2}});
  options.flux = choose<fp::FluxKind>(argv[5], {{"chang_cooper", fp::FluxKind::chang_cooper},
                                                {"limited", fp::FluxKind::limited},
                                                {"fourth_order", fp::FluxKind::fourth_order}});
  options.frame = choose<FrameKind>(argv[6], {{"fixed", FrameKind::fixed},
                                              {"shifted", FrameKind::shifted},
                                              {"diagonal", FrameKind::diagonal},
                                              {"full", FrameKind::full}});
  options.tolerance = 0;
  options.max_step = problem.end / std::atoi(argv[3]);
  if (options.frame == FrameKind::fixed) {
    options.low.assign(problem.d, -problem.half_width);
    options.high.assign(problem.d, problem.half_width);
  }
  options.support_tail = argc > 8 ? std::atof(argv[8]) : 1e-6;
  options.max_wall_mass = std::max(options.max_wall_mass, options.support_tail / 5);
  if (argc > 9) options.stretching = std::atof(argv[9]);
  const long before = peak_memory_kib();
  std::optional<SolveResult> best;
  for (int round = 0; round < rounds; ++round) {
    SolveResult result =
        solve(*problem.coefficients, fp::InitialDensity(problem.start), {0, problem.end}, options, world);
    if (result.report.status != SolveStatus::ok) {
      std::fprintf(stderr, "bench_fokker_planck: %s\n", result.report.message.c_str());
      return 1;
    }
    const auto solving = [](const SolveResult& run) { return run.report.seconds - run.report.setup_seconds; };
    if (!best || solving(result) < solving(*best)) best = std::move(result);
  }
  const long bytes = world.sum((peak_memory_kib() - before) * 1024);
  const fp::Density& density = best->snapshots.back();
  const double l1 = problem.exact ? fp::l1_error(density, *problem.exact) : 0;
  if (world.rank() != 0) return 0;
  const SolveReport& report = best->report;
  std::printf(
      "{\"setup\": %.6g, \"solve\": %.6g, \"l1\": %.6g, \"mass_error\": %.3g, \"min\": %.3g, \"iterations\": %ld, "
      "\"steps\": "
      "%ld, \"bytes\": %ld, \"unknowns\": %ld",
      report.setup_seconds, report.seconds - report.setup_seconds, l1, report.max_mass_error, report.min_density,
      report.n_linear_iterations, report.n_steps, bytes, density.grid.n_cells());
  if (!problem.exact) {
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
