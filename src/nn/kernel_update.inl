// From a gradient to a step, entry by entry: the same arithmetic in both layouts; a part of kernel_body.inl.

namespace driftwood::nn {
namespace {

/// The numbers of one step, spread over lanes. `g` below is the gradient's sum over the minibatch.
struct StepRule {
  Optimiser optimiser;
  bool has_decay;
  Lanes rate;          // eta / B
  Lanes decayed_rate;  // eta lambda
  Lanes eta;
  Lanes lambda;
  Lanes batch;
  Lanes momentum;
  Lanes fresh;  // 1 - momentum
  Lanes square_decay;
  Lanes fresh_square;  // 1 - square_decay
  Lanes epsilon;
  Lanes first_correction;
  Lanes second_correction;

  StepRule(const TrainTask& task, const StepSize& size)
      : optimiser(task.optimiser),
        has_decay(task.weight_decay != 0),
        rate(of(size.learning_rate / task.batch_size)),
        decayed_rate(of(size.learning_rate * task.weight_decay)),
        eta(of(size.learning_rate)),
        lambda(of(task.weight_decay)),
        batch(of(task.batch_size)),
        momentum(of(task.momentum)),
        fresh(of(1 - task.momentum)),
        square_decay(of(task.square_decay)),
        fresh_square(of(1 - task.square_decay)),
        epsilon(of(task.epsilon)),
        first_correction(of(size.first_correction)),
        second_correction(of(size.second_correction)) {}

  static Lanes of(double x) { return Lanes::all(static_cast<Real>(x)); }

  /// The next weights; `state` holds up to two more numbers an entry. The optimisers are those of nn/training.hpp.
  Lanes operator()(Lanes g, Lanes w, Lanes noise, Lanes (&state)[2]) const {
    if (optimiser == Optimiser::sgd) return sgd(g, w) + noise;
    if (optimiser == Optimiser::momentum) {
      Lanes velocity = fnma(rate, g, momentum * state[0]);
      if (has_decay) velocity = fnma(decayed_rate, w, velocity);
      state[0] = velocity + noise;
      return w + state[0];
    }
    Lanes mean = g / batch;
    if (has_decay) mean = fma(lambda, w, mean);
    if (optimiser == Optimiser::rmsprop) {
      state[0] = fma(fresh_square, mean * mean, square_decay * state[0]);
      return w - eta * mean / (square_root(state[0]) + epsilon);
    }
    state[0] = fma(fresh, mean, momentum * state[0]);
    state[1] = fma(fresh_square, mean * mean, square_decay * state[1]);
    const Lanes size = square_root(state[1]) / second_correction + epsilon;
    return w - eta / first_correction * state[0] / size;
  }

 private:
  Lanes sgd(Lanes g, Lanes w) const {
    const Lanes next = fnma(rate, g, w);
    return has_decay ? fnma(decayed_rate, w, next) : next;
  }
};

/// First and last-but-one parameter of layer `layer`, biases included.
inline int layer_begin(const KernelProblemOf<Real>& p, int layer) {
  return p.weight_offsets[layer - 1];
}
inline int layer_end(const KernelProblemOf<Real>& p, int layer) {
  return layer < p.n_layers ? p.weight_offsets[layer] : p.n_parameters;
}

/// One step of the separately updated layers, lane = replica.
__attribute__((noinline)) void update_replicas(const KernelProblemOf<Real>& p, const TrainTask& task, std::uint32_t k,
                                               Noise& normal, Real* gradient, Real* w, Real* state) {
  const StepSize& size = task.steps[k];
  const Lanes amplitude = StepRule::of(size.noise);
  const StepRule rule(task, size);
  const int n_states = state_vectors(task.optimiser);
  const auto entry = [](Real* array, long i) { return array + i * lanes; };
  for (int t = 0; t < task.n_tied; ++t) {
    Real* master = entry(gradient, task.tied_masters[t]);
    (Lanes::load(master) + Lanes::load(entry(gradient, task.tied_copies[t]))).store(master);
  }
  for (int layer = 1; layer <= p.n_layers; ++layer) {
    if (task.updates[layer - 1] != LayerUpdate::separate) continue;
    for (int i = layer_begin(p, layer); i < layer_end(p, layer); ++i) {
      if (task.trained[i] == 0) continue;
      Lanes own[2] = {Lanes::all(0), Lanes::all(0)};
      for (int v = 0; v < n_states; ++v) own[v] = Lanes::load(entry(state, static_cast<long>(v) * p.n_parameters + i));
      Lanes noise = Lanes::all(0);
      if (size.noise != 0) noise = amplitude * normal.of_replicas(task.first_step + k, i);
      rule(Lanes::load(entry(gradient, i)), Lanes::load(entry(w, i)), noise, own).store(entry(w, i));
      for (int v = 0; v < n_states; ++v) own[v].store(entry(state, static_cast<long>(v) * p.n_parameters + i));
    }
  }
  for (int t = 0; t < task.n_tied; ++t)
    Lanes::load(entry(w, task.tied_masters[t])).store(entry(w, task.tied_copies[t]));
}

/// `count` numbers, the other lanes 0.
inline Lanes load_some(const Real* p, int count) {
  if (count >= lanes) return Lanes::load(p);
  Real padded[lanes] = {};
  for (int l = 0; l < count; ++l) padded[l] = p[l];
  return Lanes::load(padded);
}
/// Stores the first `count` lanes; with `flags`, only the flagged ones.
inline void store_some(Lanes values, Real* p, int count, const char* flags = nullptr) {
  Real padded[lanes];
  values.store(padded);
  for (int l = 0; l < count && l < lanes; ++l)
    if (flags == nullptr || flags[l] != 0) p[l] = padded[l];
}

/// One step of the separately updated layers of one replica, lane = parameter.
inline void update_one(const KernelProblemOf<Real>& p, const TrainTask& task, std::uint32_t k, Noise& normal,
                       Real* gradient, Real* w, Real* state) {
  const StepSize& size = task.steps[k];
  const Lanes amplitude = StepRule::of(size.noise);
  const StepRule rule(task, size);
  const int n_states = state_vectors(task.optimiser);
  for (int t = 0; t < task.n_tied; ++t) gradient[task.tied_masters[t]] += gradient[task.tied_copies[t]];
  for (int layer = 1; layer <= p.n_layers; ++layer) {
    if (task.updates[layer - 1] != LayerUpdate::separate) continue;
    for (int i = layer_begin(p, layer); i < layer_end(p, layer); i += lanes) {
      const int count = layer_end(p, layer) - i;
      Lanes own[2] = {Lanes::all(0), Lanes::all(0)};
      const auto vector = [&](int v) { return state + static_cast<long>(v) * p.n_parameters + i; };
      for (int v = 0; v < n_states; ++v) own[v] = load_some(vector(v), count);
      Lanes noise = Lanes::all(0);
      if (size.noise != 0) noise = amplitude * normal.of_one(task.first_step + k, i);
      store_some(rule(load_some(gradient + i, count), load_some(w + i, count), noise, own), w + i, count,
                 task.trained + i);
      for (int v = 0; v < n_states; ++v) store_some(own[v], vector(v), count, task.trained + i);
    }
  }
  for (int t = 0; t < task.n_tied; ++t) w[task.tied_copies[t]] = w[task.tied_masters[t]];
}

/// The lowest layer that is trained; n_layers + 1 if none is.
inline int lowest_trained(const KernelProblemOf<Real>& p, const TrainTask& task) {
  int layer = 1;
  while (layer <= p.n_layers && task.updates[layer - 1] == LayerUpdate::none) ++layer;
  return layer;
}

/// Whether some layer's gradient is kept for the optimiser.
inline bool has_separate_updates(const KernelProblemOf<Real>& p, const TrainTask& task) {
  for (int layer = 1; layer <= p.n_layers; ++layer)
    if (task.updates[layer - 1] == LayerUpdate::separate) return true;
  return false;
}

}  // namespace
}  // namespace driftwood::nn
