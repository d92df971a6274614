// Training of n-b1-b2-n autoencoders with bottlenecks of one or two units and no biases, lane = replica: what most
// studies train. The whole sample goes forwards and backwards in registers; every sum is the chain of
// kernel_passes.inl: the same bits. A part of kernel_body.inl.

namespace driftwood::nn {
namespace {

/// Entries of lanes in memory.
struct InMemory {
  Real* first;

  Lanes get(int i) const { return Lanes::load(first + static_cast<long>(i) * lanes); }
  void set(int i, Lanes value) const { value.store(first + static_cast<long>(i) * lanes); }
};

/// Entries of lanes that the compiler can keep in registers.
template <int n>
struct InRegisters {
  Lanes entry[n];

  Lanes get(int i) const { return entry[i]; }
  void set(int i, Lanes value) { entry[i] = value; }
};

/// The shape, with as much of it as possible known to the compiler: n_fixed = 0 leaves n to run time.
template <int n_fixed, int b1, int b2>
struct BottleneckShape {
  int n_free;

  __attribute__((always_inline)) int n() const { return n_fixed > 0 ? n_fixed : n_free; }
  /// Positions of the three matrices' entries in the parameter vector.
  __attribute__((always_inline)) int first(int row, int column) const { return row * n() + column; }
  __attribute__((always_inline)) int middle(int row, int column) const { return b1 * n() + row * b1 + column; }
  __attribute__((always_inline)) int last(int row, int column) const { return b1 * (n() + b2) + row * b2 + column; }
};

/// `group` samples x (entry i of sample s at x + (i * stride + s) * lanes) of which `count` are real: adds their
/// gradient.
template <int group, Activation activation, int n_fixed, int b1, int b2, class Weights, class Gradient>
inline __attribute__((always_inline)) void bottleneck_samples(const BottleneckShape<n_fixed, b1, b2>& shape,
                                                              const Weights& w, const Real* x, int stride, int count,
                                                              Gradient& gradient) {
  const auto input = [&](int i, int s) __attribute__((always_inline)) {
    return Lanes::load(x + (static_cast<long>(i) * stride + s) * lanes);
  };
  Lanes h[b1][group];
  for (int k = 0; k < b1; ++k)
    for (int s = 0; s < group; ++s) h[k][s] = Lanes::all(0);
  for (int i = 0; i < shape.n(); ++i)
    for (int k = 0; k < b1; ++k)
      for (int s = 0; s < group; ++s) h[k][s] = fma(w.get(shape.first(k, i)), input(i, s), h[k][s]);
  for (int k = 0; k < b1; ++k)
    for (int s = 0; s < group; ++s) h[k][s] = activate<activation>(h[k][s], nullptr);
  Lanes g[b2][group];
  Lanes back[b2][group];
  for (int k = 0; k < b2; ++k)
    for (int s = 0; s < group; ++s) {
      Lanes sum = Lanes::all(0);
      for (int m = 0; m < b1; ++m) sum = fma(w.get(shape.middle(k, m)), h[m][s], sum);
      g[k][s] = activate<activation>(sum, nullptr);
      back[k][s] = Lanes::all(0);
    }
  for (int i = 0; i < shape.n(); ++i) {
    Lanes error[group];
    for (int s = 0; s < group; ++s) {
      Lanes sum = Lanes::all(0);
      for (int k = 0; k < b2; ++k) sum = fma(w.get(shape.last(i, k)), g[k][s], sum);
      error[s] = sum - input(i, s);
      if (group > 1 && s >= count) error[s] = Lanes::all(0);
    }
    for (int k = 0; k < b2; ++k) {
      const Lanes weight = w.get(shape.last(i, k));
      Lanes sum = gradient.get(shape.last(i, k));
      for (int s = 0; s < group; ++s) {
        sum = fma(error[s], g[k][s], sum);
        back[k][s] = fma(weight, error[s], back[k][s]);
      }
      gradient.set(shape.last(i, k), sum);
    }
  }
  for (int k = 0; k < b2; ++k)
    for (int s = 0; s < group; ++s) back[k][s] = times_derivative<activation>(back[k][s], g[k][s], nullptr);
  Lanes delta[b1][group];
  for (int m = 0; m < b1; ++m)
    for (int s = 0; s < group; ++s) {
      Lanes sum = Lanes::all(0);
      for (int k = 0; k < b2; ++k) sum = fma(w.get(shape.middle(k, m)), back[k][s], sum);
      delta[m][s] = times_derivative<activation>(sum, h[m][s], nullptr);
    }
  for (int k = 0; k < b2; ++k)
    for (int m = 0; m < b1; ++m) {
      Lanes sum = gradient.get(shape.middle(k, m));
      for (int s = 0; s < group; ++s) sum = fma(back[k][s], h[m][s], sum);
      gradient.set(shape.middle(k, m), sum);
    }
  for (int i = 0; i < shape.n(); ++i)
    for (int m = 0; m < b1; ++m) {
      Lanes sum = gradient.get(shape.first(m, i));
      for (int s = 0; s < group; ++s) sum = fma(delta[m][s], input(i, s), sum);
      gradient.set(shape.first(m, i), sum);
    }
}

/// Wide enough inputs: weights and gradient in the first cache. `n_fixed`: widths[0], where the compiler may know it.
template <Activation activation, int b1, int b2, int n_fixed = 0>
void train_bottleneck(const KernelProblemOf<Real>& p, const TrainTask& task, Real* w, Real* state, Real* scratch) {
  constexpr int tile = 16;
  constexpr int group = b1 + b2 > 2 ? 4 : 8;
  const BottleneckShape<n_fixed, b1, b2> shape{p.widths[0]};
  Real* x = scratch;
  InMemory gradient{x + static_cast<long>(p.widths[0]) * tile * lanes};
  const Minibatches minibatches(p, task);
  const bool separate = has_separate_updates(p, task);
  Noise normal(task);
  std::uint64_t offsets[tile][lanes];
  for (std::uint32_t k = 0; k < task.n_steps; ++k) {
    for (int i = 0; i < p.n_parameters; ++i) gradient.set(i, Lanes::all(0));
    for (int draw = 0; draw < task.batch_size; draw += tile) {
      const int count = task.batch_size - draw < tile ? task.batch_size - draw : tile;
      minibatches.of_replicas<tile>(task.first_step + k, draw, count, offsets);
      gather_samples<tile>(p, offsets, x);
      for (int s = 0; s < count; s += group)
        bottleneck_samples<group, activation>(shape, InMemory{w}, x + static_cast<long>(s) * lanes, tile, count - s,
                                              gradient);
    }
    const Lanes rate = StepRule::of(task.steps[k].learning_rate / task.batch_size);
    for (int layer = 1; layer <= p.n_layers; ++layer)
      for (int i = layer_begin(p, layer); task.updates[layer - 1] == LayerUpdate::fused && i < layer_end(p, layer); ++i)
        InMemory{w}.set(i, fnma(rate, gradient.get(i), InMemory{w}.get(i)));
    if (separate) update_replicas(p, task, k, normal, gradient.first, w, state);
  }
}

/// Few enough weights: they and their gradient stay in registers. The next step's samples are drawn ahead. `batch` = 0
/// leaves the batch size, up to 64, to run time.
template <Activation activation, int n, int batch>
void train_in_registers(const KernelProblemOf<Real>& p, const TrainTask& task, Real* w) {
  constexpr int tile = 8;
  constexpr int most_tiles = batch > 0 ? (batch + tile - 1) / tile : 8;
  constexpr int n_weights = 2 * n + 1;
  const BottleneckShape<n, 1, 1> shape{n};
  const Minibatches minibatches(p, task);
  const int batch_size = batch > 0 ? batch : task.batch_size;
  std::uint64_t offsets[2][most_tiles][tile][lanes];
  const auto draw = [&](std::uint32_t k) __attribute__((always_inline)) {
    for (int t = 0; t * tile < batch_size; ++t)
      minibatches.draw_tile<tile>(task.first_step + k, t * tile, offsets[k % 2][t]);
  };
  InRegisters<n_weights> weights;
  for (int i = 0; i < n_weights; ++i) weights.set(i, InMemory{w}.get(i));
  draw(0);
  for (std::uint32_t k = 0; k < task.n_steps; ++k) {
    draw(k + 1);
    InRegisters<n_weights> gradient;
    for (int i = 0; i < n_weights; ++i) gradient.set(i, Lanes::all(0));
#pragma GCC unroll 2
    for (int s = 0; s < batch_size; ++s) {
      Real x[n * lanes];
      gather4(p.data, offsets[k % 2][s / tile][s % tile], x, lanes);
      bottleneck_samples<1, activation>(shape, weights, x, 1, 1, gradient);
    }
    const Lanes rate = StepRule::of(task.steps[k].learning_rate / task.batch_size);
    for (int i = 0; i < n_weights; ++i) weights.set(i, fnma(rate, gradient.get(i), weights.get(i)));
  }
  for (int i = 0; i < n_weights; ++i) InMemory{w}.set(i, weights.get(i));
}

/// Whether every layer's gradient is subtracted at once.
inline bool all_fused(const KernelProblemOf<Real>& p, const TrainTask& task) {
  for (int layer = 1; layer <= p.n_layers; ++layer)
    if (task.updates[layer - 1] != LayerUpdate::fused) return false;
  return true;
}

template <Activation activation>
bool train_small(const KernelProblemOf<Real>& p, const TrainTask& task, Real* w, Real* state, Real* scratch) {
  const int n = p.widths[0];
  const int b1 = p.widths[1];
  const int b2 = p.widths[2];
  const bool drawn = task.sampling == Sampling::replacement;
  const bool fits_registers = n == 4 && b1 == 1 && b2 == 1 && drawn && all_fused(p, task);
  if (fits_registers && task.batch_size == 8)
    train_in_registers<activation, 4, 8>(p, task, w);
  else if (fits_registers && task.batch_size <= 64)
    train_in_registers<activation, 4, 0>(p, task, w);
  else if (b1 == 1 && b2 == 1)
    train_bottleneck<activation, 1, 1>(p, task, w, state, scratch);
  else if (b1 == 1 && b2 == 2)
    train_bottleneck<activation, 1, 2>(p, task, w, state, scratch);
  else if (b1 == 2 && b2 == 1)
    train_bottleneck<activation, 2, 1>(p, task, w, state, scratch);
  else if (b1 == 2 && b2 == 2 && n == 8)
    train_bottleneck<activation, 2, 2, 8>(p, task, w, state, scratch);
  else if (b1 == 2 && b2 == 2)
    train_bottleneck<activation, 2, 2>(p, task, w, state, scratch);
  else
    return false;
  return true;
}

/// Trains the networks that this file is for; returns whether this was one.
inline bool train_bottlenecks(const KernelProblemOf<Real>& p, const TrainTask& task, Real* w, Real* state,
                              Real* scratch) {
  if (p.n_layers != 3 || p.bias_offsets != nullptr) return false;
  if (p.activation == Activation::tanh) return train_small<Activation::tanh>(p, task, w, state, scratch);
  if (p.activation == Activation::linear) return train_small<Activation::linear>(p, task, w, state, scratch);
  return false;
}

void train_replicas(const KernelProblemOf<Real>& p, const TrainTask& task, Real* w, Real* state, Real* scratch) {
  if (lowest_trained(p, task) > p.n_layers) return;
  if (train_bottlenecks(p, task, w, state, scratch)) return;
  // A larger tile has the longer gradient sums in registers, while its activations fit the first cache.
  constexpr int most_units_of_large_tile = 40;
  if (task.batch_size > 8 && p.unit_offsets[p.n_layers + 1] <= most_units_of_large_tile)
    train_in_tiles<16>(p, task, w, state, scratch);
  else
    train_in_tiles<8>(p, task, w, state, scratch);
}

}  // namespace
}  // namespace driftwood::nn
