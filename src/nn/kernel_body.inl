// The vectorised training kernel, written once over `Lanes` (eight replicas side by side) and compiled for each
// instruction set: include a lanes_*.hpp first. Everything is in an unnamed namespace: each translation unit has its
// own copy. Fused multiply-adds are written out, never left to the compiler, so that every instruction set rounds
// alike.

#include "kernel_passes.inl"

namespace driftwood::nn {
namespace {

/// Philox4x32-10 (Salmon et al. 2011) for eight replicas at once; the same words as CounterRandom::block.
inline __attribute__((always_inline)) void philox(Words (&counter)[4], const std::uint32_t (&key)[2]) {
  const Words multiplier0 = Words::all(0xD2511F53u);
  const Words multiplier1 = Words::all(0xCD9E8D57u);
  std::uint32_t key0 = key[0];
  std::uint32_t key1 = key[1];
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const Words product0 = product(multiplier0, counter[0]);
    const Words product1 = product(multiplier1, counter[2]);
    counter[0] = high_half(product1) ^ counter[1] ^ Words::all(key0);
    counter[2] = high_half(product0) ^ counter[3] ^ Words::all(key1);
    counter[1] = product1;
    counter[3] = product0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

/// Where in the data the tile's samples start: sample s of replica l is draw first_draw + s of the step, number
/// (word * N) >> 32.
inline void draw_offsets(const KernelProblem& p, const TrainTask& task, std::uint32_t step, int first_draw,
                         std::uint64_t (&offsets)[tile][n_lanes]) {
  std::uint64_t replica[2][n_lanes];
  for (int l = 0; l < n_lanes; ++l) {
    replica[0][l] = task.first_replica + l;
    replica[1][l] = (task.first_replica + l) >> 32;
  }
  const Words n_samples = Words::all(static_cast<std::uint64_t>(p.n_samples));
  const Words n_features = Words::all(static_cast<std::uint64_t>(p.widths[0]));
#pragma GCC unroll 2
  for (int block = 0; block < tile / 4; ++block) {
    Words words[4] = {Words::all(task.purpose << 24 | static_cast<std::uint32_t>(first_draw / 4 + block)),
                      Words::all(step), Words::load(replica[0]), Words::load(replica[1])};
    philox(words, task.key);
    for (int w = 0; w < 4; ++w)
      product(high_half(product(words[w], n_samples)), n_features).store(offsets[4 * block + w]);
  }
}

/// a_0 of the tile's samples, each replica's own.
inline void draw_samples(const KernelProblem& p, const TrainTask& task, std::uint32_t step, int first_draw,
                         double* act) {
  std::uint64_t offsets[tile][n_lanes];
  draw_offsets(p, task, step, first_draw, offsets);
  const int n_in = p.widths[0];
  for (int s = 0; s < tile; ++s) {
    int i = 0;
    for (; i + 4 <= n_in; i += 4) gather4(p.data + i, offsets[s], act + at(i, s), at(1, 0));
    for (; i < n_in; ++i)
      for (int l = 0; l < n_lanes; ++l) act[at(i, s) + l] = p.data[offsets[s][l] + i];
  }
}

/// a_0 of `count` listed (or, without a list, consecutive) samples, the same for all replicas.
inline void place_samples(const KernelProblem& p, const int* listed, int first, int count, double* act) {
  const int n_in = p.widths[0];
  for (int s = 0; s < tile; ++s) {
    const int position = first + (s < count ? s : 0);
    const double* row = p.data + static_cast<long>(listed != nullptr ? listed[position] : position) * n_in;
    for (int i = 0; i < n_in; ++i) Lanes::all(row[i]).store(act + at(i, s));
  }
}

struct Workspace {
  double* act;
  double* delta;
  double* gradient;

  Workspace(const KernelProblem& p, double* scratch)
      : act(scratch),
        delta(act + at(p.unit_offsets[p.n_layers + 1], 0)),
        gradient(delta + at(p.unit_offsets[p.n_layers + 1], 0)) {}
};

inline void update(const TrainTask& task, std::uint32_t step, const double* gradient, double* w) {
  const Lanes rate = Lanes::all(task.learning_rate / task.batch_size);
  const Lanes decay = Lanes::all(task.learning_rate * task.weight_decay);
  for (int k = 0; k < task.n_trained; ++k) {
    double* weight = w + static_cast<long>(task.trained[k]) * n_lanes;
    const Lanes old = Lanes::load(weight);
    Lanes next = fnma(rate, Lanes::load(gradient + static_cast<long>(task.trained[k]) * n_lanes), old);
    if (task.weight_decay != 0) next = fnma(decay, old, next);
    next.store(weight);
    if (task.noise != 0)
      for (int l = 0; l < n_lanes; ++l)
        weight[l] += task.noise * task.normal(task.random, task.trained[k], step, task.first_replica + l);
  }
}

void train(const KernelProblem& p, const TrainTask& task, double* w, double* scratch) {
  const Workspace work(p, scratch);
  for (std::uint32_t k = 0; k < task.n_steps; ++k) {
    const std::uint32_t step = task.first_step + k;
    for (int draw = 0; draw < task.batch_size; draw += tile) {
      draw_samples(p, task, step, draw, work.act);
      forward(p, w, work.act, work.delta);
      if (task.batch_size - draw < tile) drop_samples(p, task.batch_size - draw, work.delta);
      backward(p, 1, w, work.act, work.delta);
      add_gradient(p, work.act, work.delta, draw == 0, work.gradient);
    }
    update(task, step, work.gradient, w);
  }
}

void mean_gradient(const KernelProblem& p, const double* w, double* gradient, double* scratch) {
  const Workspace work(p, scratch);
  for (int first = 0; first < p.n_samples; first += tile) {
    const int count = p.n_samples - first < tile ? p.n_samples - first : tile;
    place_samples(p, nullptr, first, count, work.act);
    forward(p, w, work.act, work.delta);
    if (count < tile) drop_samples(p, count, work.delta);
    backward(p, 1, w, work.act, work.delta);
    add_gradient(p, work.act, work.delta, first == 0, gradient);
  }
  const Lanes n = Lanes::all(p.n_samples);
  for (int i = 0; i < p.n_parameters; ++i) {
    double* entry = gradient + static_cast<long>(i) * n_lanes;
    (Lanes::load(entry) / n).store(entry);
  }
}

/// The tracked gradient of sample slot s.
inline Lanes tracked_gradient(const KernelProblem& p, const TrackedEntry& entry, int s, const Workspace& work) {
  const Lanes d = Lanes::load(work.delta + at(p.unit_offsets[entry.layer] + entry.row, s));
  if (entry.column < 0) return d;
  return d * Lanes::load(work.act + at(p.unit_offsets[entry.layer - 1] + entry.column, s));
}

/// Sums over the data, shifted by the first sample's gradient so that the covariance does not cancel.
void tracked_moments(const KernelProblem& p, const double* w, const TrackedEntry* tracked, int d, double* moments,
                     double* scratch) {
  const Workspace work(p, scratch);
  const int n_moments = 1 + d + d * (d + 1) / 2;
  int lowest = p.n_layers;
  for (int k = 0; k < d; ++k) lowest = tracked[k].layer < lowest ? tracked[k].layer : lowest;
  for (int m = 0; m < n_moments; ++m) Lanes::all(0.0).store(moments + m * n_lanes);
  const auto add = [&](int m, Lanes a, Lanes b) {
    fma(a, b, Lanes::load(moments + m * n_lanes)).store(moments + m * n_lanes);
  };
  Lanes shift[max_tracked];
  for (int first = 0; first < p.n_samples; first += tile) {
    const int count = p.n_samples - first < tile ? p.n_samples - first : tile;
    place_samples(p, nullptr, first, count, work.act);
    forward(p, w, work.act, work.delta);
    backward(p, lowest, w, work.act, work.delta);
    for (int s = 0; s < count; ++s) {
      for (int j = 0; j < p.widths[p.n_layers]; ++j) {
        const Lanes error = Lanes::load(work.delta + at(p.unit_offsets[p.n_layers] + j, s));
        add(0, error, error);
      }
      Lanes g[max_tracked];
      for (int k = 0; k < d; ++k) {
        g[k] = tracked_gradient(p, tracked[k], s, work);
        if (first == 0 && s == 0) shift[k] = g[k];
        g[k] = g[k] - shift[k];
        add(1 + k, g[k], Lanes::all(1.0));
      }
      for (int k = 0, m = 1 + d; k < d; ++k)
        for (int j = k; j < d; ++j, ++m) add(m, g[k], g[j]);
    }
  }
  const Lanes n = Lanes::all(p.n_samples);
  const auto mean = [&](int m) { return Lanes::load(moments + m * n_lanes) / n; };
  for (int k = 0, m = 1 + d; k < d; ++k)
    for (int j = k; j < d; ++j, ++m) fnma(mean(1 + k), mean(1 + j), mean(m)).store(moments + m * n_lanes);
  for (int k = 0; k < d; ++k) (mean(1 + k) + shift[k]).store(moments + (1 + k) * n_lanes);
  (mean(0) * Lanes::all(0.5)).store(moments);
}

void outputs(const KernelProblem& p, const double* w, const int* listed, int n_listed, double* out, double* scratch) {
  const Workspace work(p, scratch);
  const int n_out = p.widths[p.n_layers];
  for (int first = 0; first < n_listed; first += tile) {
    const int count = n_listed - first < tile ? n_listed - first : tile;
    place_samples(p, listed, first, count, work.act);
    forward<Finish::output>(p, w, work.act, work.delta);
    for (int s = 0; s < count; ++s)
      for (int j = 0; j < n_out; ++j)
        Lanes::load(work.delta + at(p.unit_offsets[p.n_layers] + j, s))
            .store(out + (static_cast<long>(first + s) * n_out + j) * n_lanes);
  }
}

}  // namespace
}  // namespace driftwood::nn
