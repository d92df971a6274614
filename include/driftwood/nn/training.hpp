#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "driftwood/core/random.hpp"
#include "driftwood/data/dataset.hpp"
#include "driftwood/nn/kernel.hpp"
#include "driftwood/nn/network.hpp"

namespace driftwood::nn {

/// One SGD process (1.3): theta <- theta - eta (g_B + weight_decay theta) + sqrt(2 eta T) xi on the trained parameters.
struct SgdOptions {
  double learning_rate = 0.01;  ///< eta
  int batch_size = 8;           ///< B, drawn with replacement
  double temperature = 0.0;     ///< T, injected Langevin noise
  double weight_decay = 0.0;    ///< lambda of (1.2)
  /// One flag a parameter: trained or frozen.
  std::vector<char> trained;
};

/// Trains a contiguous block of replicas in place for `n_steps` steps, the first being step number `first_step`.
///
/// `parameters`: n_replicas x n_parameters, row-major; row r is replica `first_replica + r`. The result is a pure
/// function of (key, replica, steps): the same bits for any split into calls, blocks, ranks or SIMD widths.
/// Not collective.
class SgdTrainer {
 public:
  /// `kernel`: the instruction set to use; all give the same bits.
  SgdTrainer(const Network& network, const data::Dataset& dataset, const SgdOptions& options,
             const CounterRandom& random, const Kernel& kernel = *available_kernels().front());
  void train(std::span<double> parameters, std::uint64_t first_replica, std::uint32_t first_step,
             std::uint32_t n_steps) const;

 private:
  Network network_;
  data::Dataset dataset_;
  SgdOptions options_;
  CounterRandom random_;
  const Kernel* kernel_;
};

/// Exact loss, drift and diffusion of the tracked weights over the whole data set (equations.md section 3).
struct KramersMoyalOptions {
  double learning_rate = 0.01;
  int batch_size = 8;
  double temperature = 0.0;
  double weight_decay = 0.0;
  /// Adds the O(eta) term of (2.4): b = -grad(L + (eta/4)|grad L|^2), the gradient taken over the trained parameters.
  bool modified_loss = false;
  std::vector<char> trained;  ///< as in SgdOptions; used by modified_loss
};

/// Per replica (n rows): loss L (1.2); drift b = -grad_w L, n x d; diffusion D = (eta/2B) C_ww + T I, n x packed(d),
/// C_ww the (population, 1/N) covariance over the data of the per-sample gradient.
struct KramersMoyal {
  std::vector<double> loss;
  std::vector<double> drift;
  std::vector<double> diffusion;
};

/// Kramers-Moyal coefficients of the tracked weights, for each of the parameter vectors in `parameters`
/// (n x n_parameters, row-major). Vectorised over the rows. Not collective.
KramersMoyal kramers_moyal(const Network& network, const data::Dataset& dataset, const TrackedWeights& tracked,
                           const KramersMoyalOptions& options, std::span<const double> parameters,
                           const Kernel& kernel = *available_kernels().front());

/// f(x) for each parameter vector (n x n_parameters) and each listed sample of the data set:
/// n x samples.size() x n_L, row-major. Not collective.
std::vector<double> outputs(const Network& network, const data::Dataset& dataset, std::span<const int> samples,
                            std::span<const double> parameters, const Kernel& kernel = *available_kernels().front());

/// Loss L (1.2) and its whole gradient for one parameter vector, the plain reference implementation that the vectorised
/// kernels are tested against. `gradient` has n_parameters entries.
double loss_and_gradient(const Network& network, const data::Dataset& dataset, double weight_decay,
                         std::span<const double> parameters, std::span<double> gradient);

}  // namespace driftwood::nn
