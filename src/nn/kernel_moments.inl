// Passes over the whole data set, the same samples for all replicas: gradients, exact drift and diffusion, outputs. In
// double precision only.

namespace driftwood::nn {
namespace {

inline constexpr int exact_tile = 8;

/// a_0 of `count` listed (or, without a list, consecutive) samples, the same for all replicas.
inline void place_samples(const KernelProblem& p, const int* listed, int first, int count, double* act) {
  const int n_in = p.widths[0];
  for (int s = 0; s < exact_tile; ++s) {
    const int position = first + (s < count ? s : 0);
    const double* row = p.data + static_cast<long>(listed != nullptr ? listed[position] : position) * n_in;
    for (int i = 0; i < n_in; ++i) Lanes::all(row[i]).store(act + at<exact_tile>(i, s));
  }
}

void mean_gradient(const KernelProblem& p, const double* w, double* gradient, double* scratch) {
  const Workspace work(p, exact_tile, scratch);
  for (int first = 0; first < p.n_samples; first += exact_tile) {
    const int count = p.n_samples - first < exact_tile ? p.n_samples - first : exact_tile;
    place_samples(p, nullptr, first, count, work.act);
    forward<exact_tile>(p, w, work.act, work.delta);
    if (count < exact_tile) drop_samples<exact_tile>(p, count, work.delta);
    backward<exact_tile>(p, 1, w, work.act, work.delta);
    for (int layer = 1; layer <= p.n_layers; ++layer)
      layer_gradient<exact_tile>(p, layer, work.act, work.delta, {gradient, nullptr, Lanes::all(0), first == 0});
  }
  const Lanes n = Lanes::all(p.n_samples);
  for (int i = 0; i < p.n_parameters; ++i) {
    double* entry = gradient + static_cast<long>(i) * lanes;
    (Lanes::load(entry) / n).store(entry);
  }
}

/// The tracked gradient of sample slot s.
inline Lanes tracked_gradient(const KernelProblem& p, const TrackedEntry& entry, int s, const Workspace& work) {
  const auto error = [&](int layer, int unit) {
    return Lanes::load(work.delta + at<exact_tile>(p.unit_offsets[layer] + unit, s));
  };
  const auto input = [&](int layer, int unit) {
    return Lanes::load(work.act + at<exact_tile>(p.unit_offsets[layer - 1] + unit, s));
  };
  if (entry.column < 0) return error(entry.layer, entry.row);
  const Lanes gradient = error(entry.layer, entry.row) * input(entry.layer, entry.column);
  if (entry.tied_layer == 0) return gradient;
  return fma(error(entry.tied_layer, entry.column), input(entry.tied_layer, entry.row), gradient);
}

/// Sums over the data, shifted by the first sample's gradient so that the covariance does not cancel.
void tracked_moments(const KernelProblem& p, const double* w, const TrackedEntry* tracked, int d, double* moments,
                     double* scratch) {
  const Workspace work(p, exact_tile, scratch);
  const int n_moments = 1 + d + d * (d + 1) / 2;
  int lowest = p.n_layers;
  for (int k = 0; k < d; ++k) lowest = tracked[k].layer < lowest ? tracked[k].layer : lowest;
  for (int m = 0; m < n_moments; ++m) Lanes::all(0.0).store(moments + m * lanes);
  const auto add = [&](int m, Lanes a, Lanes b) {
    fma(a, b, Lanes::load(moments + m * lanes)).store(moments + m * lanes);
  };
  Lanes shift[max_tracked];
  for (int first = 0; first < p.n_samples; first += exact_tile) {
    const int count = p.n_samples - first < exact_tile ? p.n_samples - first : exact_tile;
    place_samples(p, nullptr, first, count, work.act);
    forward<exact_tile>(p, w, work.act, work.delta);
    backward<exact_tile>(p, lowest, w, work.act, work.delta);
    for (int s = 0; s < count; ++s) {
      for (int j = 0; j < p.widths[p.n_layers]; ++j) {
        const Lanes error = Lanes::load(work.delta + at<exact_tile>(p.unit_offsets[p.n_layers] + j, s));
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
  const auto mean = [&](int m) { return Lanes::load(moments + m * lanes) / n; };
  for (int k = 0, m = 1 + d; k < d; ++k)
    for (int j = k; j < d; ++j, ++m) fnma(mean(1 + k), mean(1 + j), mean(m)).store(moments + m * lanes);
  for (int k = 0; k < d; ++k) (mean(1 + k) + shift[k]).store(moments + (1 + k) * lanes);
  (mean(0) * Lanes::all(0.5)).store(moments);
}

void outputs(const KernelProblem& p, const double* w, const int* listed, int n_listed, double* out, double* scratch) {
  const Workspace work(p, exact_tile, scratch);
  const int n_out = p.widths[p.n_layers];
  for (int first = 0; first < n_listed; first += exact_tile) {
    const int count = n_listed - first < exact_tile ? n_listed - first : exact_tile;
    place_samples(p, listed, first, count, work.act);
    forward<exact_tile, Last::output>(p, w, work.act, work.delta);
    for (int s = 0; s < count; ++s)
      for (int j = 0; j < n_out; ++j)
        Lanes::load(work.delta + at<exact_tile>(p.unit_offsets[p.n_layers] + j, s))
            .store(out + (static_cast<long>(first + s) * n_out + j) * lanes);
  }
}

}  // namespace
}  // namespace driftwood::nn
