// One tile of samples forwards and backwards through the network, for eight replicas; a part of kernel_body.inl.
//
// The order of every sum is part of the result: samples in tiles of eight, chains of fma in the order below. Changing
// it changes the replicas' bits. How the loops are blocked into registers does not.

namespace driftwood::nn {
namespace {

inline constexpr int tile = tile_size;

/// Offset of (unit, sample) in an activation array of lanes.
inline long at(int unit, int sample) {
  return (static_cast<long>(unit) * tile + sample) * n_lanes;
}

/// tanh to a few units in the last place, by expm1: 2x = n ln 2 + r, |r| <= ln(2)/2.
inline __attribute__((always_inline)) Lanes tanh_of(Lanes x) {
  x = clamp(x, Lanes::all(20.0));
  const Lanes magic = Lanes::all(0x1.8p52);
  const Lanes shifted = fma(x, Lanes::all(2.0 * 1.4426950408889634), magic);
  const Lanes n = shifted - magic;
  Lanes r = fnma(n, Lanes::all(6.93147180369123816490e-01), x + x);
  r = fnma(n, Lanes::all(1.90821492927058770002e-10), r);
  Lanes q = Lanes::all(1.0 / 6227020800.0);  // 1/13!
  constexpr double inverse_factorials[] = {1.0 / 479001600.0,
                                           1.0 / 39916800.0,
                                           1.0 / 3628800.0,
                                           1.0 / 362880.0,
                                           1.0 / 40320.0,
                                           1.0 / 5040.0,
                                           1.0 / 720.0,
                                           1.0 / 120.0,
                                           1.0 / 24.0,
                                           1.0 / 6.0,
                                           0.5};
#pragma GCC unroll 11
  for (double inverse_factorial : inverse_factorials) q = fma(q, r, Lanes::all(inverse_factorial));
  const Lanes p = fma(r * r, q, r);  // expm1(r)
  const Lanes scale = power_of_two(shifted);
  const Lanes expm1 = fma(scale, p, scale - Lanes::all(1.0));
  return expm1 / (expm1 + Lanes::all(2.0));
}

/// sum[k][s] += factor k times value s, each value loaded once: the inner loop of both passes.
template <int rows>
inline __attribute__((always_inline)) void add_products(const double* factors, long factor_stride, const double* values,
                                                        Lanes (&sum)[rows][tile]) {
  Lanes value[tile];
  for (int s = 0; s < tile; ++s) {
    Lanes loaded = Lanes::load(values + s * n_lanes);
    if (rows > 1) pin(loaded);
    value[s] = loaded;
  }
  for (int k = 0; k < rows; ++k) {
    Lanes factor = Lanes::load(factors + k * factor_stride);
    pin(factor);
    for (int s = 0; s < tile; ++s) sum[k][s] = fma(factor, value[s], sum[k][s]);
  }
}

/// What becomes of a layer's sums, and where: hidden layers to the activations, the last one to its `delta`.
enum class Finish { tanh, linear, error, output };  // error: f(x) - x; output: f(x)

/// Rows j .. j + rows - 1 of layer `layer`.
template <int rows, Finish finish>
inline __attribute__((always_inline)) void forward_rows(const KernelProblem& p, int layer, int j, const double* w,
                                                        double* act, double* delta) {
  const int n_in = p.widths[layer - 1];
  const double* weight = w + static_cast<long>(p.weight_offsets[layer - 1] + j * n_in) * n_lanes;
  const double* in = act + at(p.unit_offsets[layer - 1], 0);
  Lanes sum[rows][tile];
  for (int k = 0; k < rows; ++k) {
    const Lanes bias = p.bias_offsets != nullptr
                           ? Lanes::load(w + static_cast<long>(p.bias_offsets[layer - 1] + j + k) * n_lanes)
                           : Lanes::all(0.0);
    for (int s = 0; s < tile; ++s) sum[k][s] = bias;
  }
  for (int i = 0; i < n_in; ++i)
    add_products(weight + static_cast<long>(i) * n_lanes, static_cast<long>(n_in) * n_lanes, in + at(i, 0), sum);
  double* out = (finish == Finish::tanh || finish == Finish::linear ? act : delta) + at(p.unit_offsets[layer] + j, 0);
  for (int k = 0; k < rows; ++k)
    for (int s = 0; s < tile; ++s) {
      Lanes value = sum[k][s];
      if (finish == Finish::tanh) value = tanh_of(value);
      if (finish == Finish::error) value = value - Lanes::load(act + at(j + k, s));
      value.store(out + at(k, s));
    }
}

template <Finish finish>
inline void forward_layer(const KernelProblem& p, int layer, const double* w, double* act, double* delta) {
  int j = 0;
  for (; j + 2 <= p.widths[layer]; j += 2) forward_rows<2, finish>(p, layer, j, w, act, delta);
  if (j < p.widths[layer]) forward_rows<1, finish>(p, layer, j, w, act, delta);
}

/// a_1 .. a_{L-1} into `act`; f(x) - x (or f(x)) into the last layer's `delta`.
template <Finish last = Finish::error>
inline void forward(const KernelProblem& p, const double* w, double* act, double* delta) {
  for (int layer = 1; layer < p.n_layers; ++layer) {
    if (p.tanh)
      forward_layer<Finish::tanh>(p, layer, w, act, delta);
    else
      forward_layer<Finish::linear>(p, layer, w, act, delta);
  }
  forward_layer<last>(p, p.n_layers, w, act, delta);
}

/// Sample slots that the batch does not fill get delta = 0: they add nothing.
inline void drop_samples(const KernelProblem& p, int first_dropped, double* delta) {
  for (int j = 0; j < p.widths[p.n_layers]; ++j)
    for (int s = first_dropped; s < tile; ++s) Lanes::all(0.0).store(delta + at(p.unit_offsets[p.n_layers] + j, s));
}

/// delta of layer `layer` - 1 from that of `layer`.
template <int columns, bool tanh>
inline __attribute__((always_inline)) void backward_columns(const KernelProblem& p, int layer, int i, const double* w,
                                                            const double* act, double* delta) {
  const int n_in = p.widths[layer - 1];
  const double* weight = w + static_cast<long>(p.weight_offsets[layer - 1] + i) * n_lanes;
  const double* above = delta + at(p.unit_offsets[layer], 0);
  Lanes sum[columns][tile];
  for (int k = 0; k < columns; ++k)
    for (int s = 0; s < tile; ++s) sum[k][s] = Lanes::all(0.0);
  for (int j = 0; j < p.widths[layer]; ++j)
    add_products(weight + static_cast<long>(j) * n_in * n_lanes, n_lanes, above + at(j, 0), sum);
  const int unit = p.unit_offsets[layer - 1] + i;
  for (int k = 0; k < columns; ++k)
    for (int s = 0; s < tile; ++s) {
      const Lanes a = Lanes::load(act + at(unit + k, s));
      (tanh ? fnma(sum[k][s], a * a, sum[k][s]) : sum[k][s]).store(delta + at(unit + k, s));
    }
}

template <bool tanh>
inline void backward_layers(const KernelProblem& p, int lowest, const double* w, const double* act, double* delta) {
  for (int layer = p.n_layers; layer > lowest; --layer) {
    int i = 0;
    for (; i + 2 <= p.widths[layer - 1]; i += 2) backward_columns<2, tanh>(p, layer, i, w, act, delta);
    if (i < p.widths[layer - 1]) backward_columns<1, tanh>(p, layer, i, w, act, delta);
  }
}

/// delta of all hidden layers down to `lowest`.
inline void backward(const KernelProblem& p, int lowest, const double* w, const double* act, double* delta) {
  if (p.tanh)
    backward_layers<true>(p, lowest, w, act, delta);
  else
    backward_layers<false>(p, lowest, w, act, delta);
}

/// A block of the gradient of one matrix. `delta`, `in`, `gradient`: its first row's, first column's, first entry's.
template <int rows, int columns>
inline __attribute__((always_inline)) void gradient_block(const double* delta, const double* in, int n_in, bool first,
                                                          double* gradient) {
  Lanes sum[rows][columns];
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < columns; ++i)
      sum[j][i] = first ? Lanes::all(0.0) : Lanes::load(gradient + static_cast<long>(j * n_in + i) * n_lanes);
#pragma GCC unroll 1
  for (int s = 0; s < tile; ++s) {
    Lanes value[columns];
    for (int i = 0; i < columns; ++i) {
      Lanes loaded = Lanes::load(in + at(i, s));
      if (rows > 1) pin(loaded);
      value[i] = loaded;
    }
    for (int j = 0; j < rows; ++j) {
      Lanes error = Lanes::load(delta + at(j, s));
      pin(error);
      for (int i = 0; i < columns; ++i) sum[j][i] = fma(error, value[i], sum[j][i]);
    }
  }
  for (int j = 0; j < rows; ++j)
    for (int i = 0; i < columns; ++i) sum[j][i].store(gradient + static_cast<long>(j * n_in + i) * n_lanes);
}

template <int rows>
inline __attribute__((always_inline)) void gradient_rows(const double* delta, const double* in, int n_in, bool first,
                                                         double* gradient) {
  int i = 0;
  if constexpr (rows <= 2)  // more accumulators than registers otherwise
    for (; i + 8 <= n_in; i += 8)
      gradient_block<rows, 8>(delta, in + at(i, 0), n_in, first, gradient + static_cast<long>(i) * n_lanes);
  for (; i + 4 <= n_in; i += 4)
    gradient_block<rows, 4>(delta, in + at(i, 0), n_in, first, gradient + static_cast<long>(i) * n_lanes);
  for (; i + 2 <= n_in; i += 2)
    gradient_block<rows, 2>(delta, in + at(i, 0), n_in, first, gradient + static_cast<long>(i) * n_lanes);
  for (; i < n_in; ++i)
    gradient_block<rows, 1>(delta, in + at(i, 0), n_in, first, gradient + static_cast<long>(i) * n_lanes);
}

/// Adds the tile's samples to the sum of one layer's bias gradient (sets it for the first tile).
inline void add_bias_gradient(const double* delta, int n_out, bool first, double* gradient) {
  for (int j = 0; j < n_out; ++j) {
    Lanes sum = first ? Lanes::all(0.0) : Lanes::load(gradient + static_cast<long>(j) * n_lanes);
    for (int s = 0; s < tile; ++s) sum = sum + Lanes::load(delta + at(j, s));
    sum.store(gradient + static_cast<long>(j) * n_lanes);
  }
}

/// Adds the tile's samples to the gradient's sum (sets it for the first tile).
inline void add_gradient(const KernelProblem& p, const double* act, const double* delta, bool first, double* gradient) {
  for (int layer = 1; layer <= p.n_layers; ++layer) {
    const int n_in = p.widths[layer - 1];
    const int n_out = p.widths[layer];
    const double* in = act + at(p.unit_offsets[layer - 1], 0);
    const double* error = delta + at(p.unit_offsets[layer], 0);
    double* matrix = gradient + static_cast<long>(p.weight_offsets[layer - 1]) * n_lanes;
    const auto row = [&](int j) { return matrix + static_cast<long>(j) * n_in * n_lanes; };
    int j = 0;
    if (n_in < 8)  // with eight columns and more, two rows fill the registers
      for (; j + 4 <= n_out; j += 4) gradient_rows<4>(error + at(j, 0), in, n_in, first, row(j));
    for (; j + 2 <= n_out; j += 2) gradient_rows<2>(error + at(j, 0), in, n_in, first, row(j));
    for (; j < n_out; ++j) gradient_rows<1>(error + at(j, 0), in, n_in, first, row(j));
    if (p.bias_offsets != nullptr)
      add_bias_gradient(error, n_out, first, gradient + static_cast<long>(p.bias_offsets[layer - 1]) * n_lanes);
  }
}

}  // namespace
}  // namespace driftwood::nn
