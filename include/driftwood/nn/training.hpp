#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "driftwood/core/random.hpp"
#include "driftwood/data/dataset.hpp"
#include "driftwood/nn/kernel.hpp"
#include "driftwood/nn/network.hpp"
#include "driftwood/nn/schedule.hpp"

namespace driftwood::nn {

enum class Precision { single_precision, double_precision };

/// How a replica is trained. With g = g_B + lambda theta, the gradient (1.2) over a minibatch of B samples:
///   sgd        theta <- theta - eta_k g + sqrt(2 eta_k T) xi                                              (1.3)
///   momentum   v <- beta v - eta_k g + sqrt(2 eta_k (1 - beta) T) xi,  theta <- theta + v   (heavy ball)
///   rmsprop    s <- alpha s + (1 - alpha) g^2,  theta <- theta - eta_k g / (sqrt(s) + epsilon)
///   adam       m <- beta m + (1 - beta) g,  s <- alpha s + (1 - alpha) g^2,
///              theta <- theta - eta_k m / (1 - beta^k) / (sqrt(s / (1 - alpha^k)) + epsilon),  k counted from 1
struct SgdOptions {
  double learning_rate = 0.01;  ///< eta_0
  int batch_size = 8;           ///< B; with Sampling::full_batch the number of samples
  double temperature = 0.0;     ///< T, injected Langevin noise; sgd and momentum only
  double weight_decay = 0.0;    ///< lambda of (1.2)
  /// One flag a parameter: trained or frozen. Tied copies follow their masters, whatever their flags.
  std::vector<char> trained = {};
  Schedule schedule = {};
  Optimiser optimiser = Optimiser::sgd;
  double momentum = 0.0;       ///< beta
  double square_decay = 0.99;  ///< alpha
  double epsilon = 1e-8;
  Sampling sampling = Sampling::replacement;
  bool shared_minibatches = false;  ///< every replica sees the same minibatches
  Precision precision = Precision::double_precision;

  /// The time axis that belongs to these options.
  TimeAxis time_axis() const;
};

/// Which layout of the kernels trains a block of replicas. They give the same bits.
enum class Layout { automatic, replicas_side_by_side, one_by_one };

/// Trains a contiguous block of replicas in place for `n_steps` steps, the first being step number `first_step`.
///
/// `parameters`: n_replicas x n_parameters, row-major; row r is replica `first_replica + r`. `state`: what the
/// optimiser keeps of each replica, n_replicas x state_size(), zeros at step 0. In single precision both hold floats.
/// The result is a pure function of (key, replica, steps): the same bits for any split into calls, blocks, ranks or
/// SIMD widths. Keeps a copy of the data in the precision of the training. Not collective.
class SgdTrainer {
 public:
  /// `kernel`: the instruction set to use. Throws ConfigError where the data do not fit the network or the batch size
  /// the data, InternalError where the options contradict each other.
  SgdTrainer(const Network& network, const data::Dataset& dataset, const SgdOptions& options,
             const CounterRandom& random, const Kernel& kernel = *available_kernels().front(),
             Layout layout = Layout::automatic);

  /// Numbers that the optimiser keeps of one replica.
  int state_size() const;

  /// `set_aside`: one flag a replica, or none; replicas that are set aside may be left as they are.
  void train(std::span<double> parameters, std::span<double> state, std::uint64_t first_replica,
             std::uint32_t first_step, std::uint32_t n_steps, std::span<const char> set_aside = {}) const;
  /// For optimisers without state.
  void train(std::span<double> parameters, std::uint64_t first_replica, std::uint32_t first_step,
             std::uint32_t n_steps) const;

 private:
  struct Data;

  template <class Number>
  void train_in(std::span<double> parameters, std::span<double> state, std::uint64_t first_replica,
                std::uint32_t first_step, std::uint32_t n_steps, std::span<const char> set_aside) const;
  bool trains_one_by_one(long n_replicas, int n_side_by_side) const;

  Network network_;
  std::shared_ptr<const Data> data_;
  SgdOptions options_;
  CounterRandom random_;
  const Kernel* kernel_;
  Layout layout_;
};

/// Exact loss, drift and diffusion of the tracked weights over the whole data set (equations.md section 3).
struct KramersMoyalOptions {
  double learning_rate = 0.01;  ///< the time that one step takes: eta, with momentum eta / (1 - beta)
  int batch_size = 8;
  double temperature = 0.0;
  double weight_decay = 0.0;
  /// Adds the O(eta) term of (2.4): b = -grad(L + (eta/4)|grad L|^2), the gradient taken over the trained parameters.
  bool modified_loss = false;
  std::vector<char> trained = {};  ///< as in SgdOptions; used by modified_loss
  /// Covariance of the minibatch gradient relative to C/B: 1 with replacement, (N-B)/(N-1) within an epoch, 0 for the
  /// full batch.
  double sampling_factor = 1.0;
};

/// What the drift and diffusion of a training are at step `step`: (2.1) with the time axis of the options. For rmsprop
/// and adam these are the drift and diffusion of plain sgd at the same weights.
KramersMoyalOptions coefficient_options(const SgdOptions& sgd, int n_samples, std::uint32_t step, bool modified_loss);

/// Per replica (n rows): loss L (1.2); drift b = -grad_w L, n x d; diffusion D = (eta/2B) C_ww + T I, n x packed(d),
/// C_ww the (population, 1/N) covariance over the data of the per-sample gradient.
struct KramersMoyal {
  std::vector<double> loss;
  std::vector<double> drift;
  std::vector<double> diffusion;
};

/// Kramers-Moyal coefficients of the tracked weights (none of them a tied copy), for each of the parameter vectors in
/// `parameters` (n x n_parameters, row-major; tied copies are taken from their masters). Vectorised over the rows. Not
/// collective.
KramersMoyal kramers_moyal(const Network& network, const data::Dataset& dataset, const TrackedWeights& tracked,
                           const KramersMoyalOptions& options, std::span<const double> parameters,
                           const Kernel& kernel = *available_kernels().front());

/// Loss L (1.2) over the data set of each of the parameter vectors in `parameters`, which are as kramers_moyal's; NaN
/// for a data set without samples. Not collective.
std::vector<double> losses(const Network& network, const data::Dataset& dataset, double weight_decay,
                           std::span<const double> parameters, const Kernel& kernel = *available_kernels().front());

/// f(x) for each parameter vector (n x n_parameters) and each listed sample of the data set:
/// n x samples.size() x n_L, row-major. Tied copies are not read: they follow their masters. Not collective.
std::vector<double> outputs(const Network& network, const data::Dataset& dataset, std::span<const int> samples,
                            std::span<const double> parameters, const Kernel& kernel = *available_kernels().front());

/// Loss L (1.2) and its whole gradient for one parameter vector, the plain reference implementation that the vectorised
/// kernels are tested against. `gradient` has n_parameters entries; that of a tied encoder weight includes its copy's,
/// and the copy's own entry is 0.
double loss_and_gradient(const Network& network, const data::Dataset& dataset, double weight_decay,
                         std::span<const double> parameters, std::span<double> gradient);

}  // namespace driftwood::nn
