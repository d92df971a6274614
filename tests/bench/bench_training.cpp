// Replica-steps per second of the training kernels on one core, data drawing included; tests/bench/training.py runs it
// beside the peers. Usage: bench_training NET double|float REPLICAS SECONDS [KERNEL [LAYOUT [TEMPERATURE]]], where KERNEL
// is fastest, avx512, avx2 or portable, LAYOUT is automatic, side_by_side or one_by_one, and a TEMPERATURE > 0 adds
// Langevin noise; or: bench_training peak double|float, the core's measured peak in operations per second.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "driftwood/nn/training.hpp"
#include "peak.hpp"

namespace {

using namespace driftwood;

/// The four networks that every peer trains, each on 1024 samples.
struct Case {
  nn::Network network;
  int batch_size;
  std::uint32_t n_steps;  ///< of one timed call
};

Case case_of(char net) {
  switch (net) {
    case 'A':
      return {{{4, 1, 1, 4}, nn::Activation::linear, false}, 8, 20000};
    case 'B':
      return {{{8, 2, 2, 8}, nn::Activation::tanh, false}, 16, 4000};
    case 'C':
      return {{{16, 8, 2, 2, 8, 16}, nn::Activation::tanh, false}, 32, 600};
    case 'D':
      return {{{64, 32, 2, 2, 32, 64}, nn::Activation::tanh, true}, 64, 40};
  }
  std::fprintf(stderr, "bench_training: the nets are A, B, C and D\n");
  std::exit(2);
}

data::Dataset normal_data(int n_features) {
  const CounterRandom random(1, 0);
  data::Dataset dataset{
      .name = "normal data", .feature_names = {}, .n_samples = 1024, .n_features = n_features, .values = {}};
  for (int i = 0; i < 1024 * n_features; ++i)
    dataset.values.push_back(0.5 * random.normal(RandomPurpose::subsample, i % 1000, 0, i / 1000));
  return dataset;
}

std::vector<double> normal_parameters(const nn::Network& network, int n) {
  const CounterRandom random(2, 0);
  std::vector<double> parameters;
  for (int r = 0; r < n; ++r)
    for (int i = 0; i < network.n_parameters(); ++i)
      parameters.push_back(random.normal(RandomPurpose::initial_weights, i, 0, r) / std::sqrt(network.widths[0]));
  return parameters;
}

const nn::Kernel& kernel_of(const std::string& name) {
  for (const nn::Kernel* kernel : nn::available_kernels())
    if (name == "fastest" || name == kernel->name) return *kernel;
  std::fprintf(stderr, "bench_training: this processor has no kernel '%s'\n", name.c_str());
  std::exit(2);
}

nn::Layout layout_of(const std::string& name) {
  if (name == "side_by_side") return nn::Layout::replicas_side_by_side;
  if (name == "one_by_one") return nn::Layout::one_by_one;
  return nn::Layout::automatic;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "peak") == 0) {
    std::printf("peak %s %.6g\n", argv[2], fma_peak(std::strcmp(argv[2], "float") == 0, 0.2));
    return 0;
  }
  if (argc < 5) {
    std::fprintf(stderr, "usage: bench_training NET double|float REPLICAS SECONDS [KERNEL [LAYOUT [TEMPERATURE]]]\n");
    return 2;
  }
  const Case chosen = case_of(argv[1][0]);
  const bool is_float = std::strcmp(argv[2], "float") == 0;
  const int n_replicas = std::atoi(argv[3]);
  const double seconds = std::atof(argv[4]);
  const nn::Kernel& kernel = kernel_of(argc > 5 ? argv[5] : "fastest");
  const nn::Layout layout = layout_of(argc > 6 ? argv[6] : "automatic");
  const nn::SgdOptions options{
      .learning_rate = 0.01,
      .batch_size = chosen.batch_size,
      .temperature = argc > 7 ? std::atof(argv[7]) : 0.0,
      .trained = std::vector<char>(chosen.network.n_parameters(), 1),
      .precision = is_float ? nn::Precision::single_precision : nn::Precision::double_precision};
  const nn::SgdTrainer trainer(chosen.network, normal_data(chosen.network.widths[0]), options, CounterRandom(1, 7),
                               kernel, layout);
  std::vector<double> parameters = normal_parameters(chosen.network, n_replicas);
  const auto n_steps = std::max<std::uint32_t>(1, chosen.n_steps * 64 / std::max(64, n_replicas));
  double best = 1e300;
  std::uint32_t step = 0;
  for (double spent = 0; spent < seconds || step < 3 * n_steps; step += n_steps) {
    const double start = cpu_seconds();
    trainer.train(parameters, 0, step, n_steps);
    const double taken = cpu_seconds() - start;
    best = std::min(best, taken);
    spent += taken;
  }
  std::printf("%s %s %s %d %.6g\n", argv[1], argv[2], kernel.name, n_replicas,
              n_replicas * static_cast<double>(n_steps) / best);
  return 0;
}
