// One tile of samples forwards and backwards through the network, lane = replica; a part of kernel_body.inl.
//
// The order of every sum is part of the result (TrainFunctions in kernel.hpp). How the loops are blocked into
// registers, and how many samples make a tile, is not.

namespace driftwood::nn {
namespace {

inline constexpr int lanes = Lanes::count;
/// Samples that the registers hold at once; a tile is one or two of these blocks.
inline constexpr int block = 8;

/// Offset of (unit, sample) in an activation array of lanes.
template <int tile>
inline long at(int unit, int sample) {
  return (static_cast<long>(unit) * tile + sample) * lanes;
}

/// sum[k][s] += factor k times value s, each value loaded once: the inner loop of both passes.
template <int rows>
inline __attribute__((always_inline)) void add_products(const Real* factors, long factor_stride, const Real* values,
                                                        Lanes (&sum)[rows][block]) {
  Lanes value[block];
  for (int s = 0; s < block; ++s) {
    Lanes loaded = Lanes::load(values + s * lanes);
    if (rows > 1) pin(loaded);
    value[s] = loaded;
  }
  for (int k = 0; k < rows; ++k) {
    Lanes factor = Lanes::load(factors + k * factor_stride);
    pin(factor);
    for (int s = 0; s < block; ++s) sum[k][s] = fma(factor, value[s], sum[k][s]);
  }
}

/// What becomes of the last layer's sums: f(x) - x, or f(x).
enum class Last { error, output };

/// Rows j .. j + rows - 1 of layer `layer` for the block of samples that starts at `first`; `finish` stores them.
template <int tile, int rows, class Finish>
inline __attribute__((always_inline)) void forward_rows(const KernelProblemOf<Real>& p, int layer, int j, int first,
                                                        const Real* w, const Real* act, Finish finish) {
  const int n_in = p.widths[layer - 1];
  const Real* weight = w + static_cast<long>(p.weight_offsets[layer - 1] + j * n_in) * lanes;
  const Real* in = act + at<tile>(p.unit_offsets[layer - 1], first);
  Lanes sum[rows][block];
  for (int k = 0; k < rows; ++k) {
    const Lanes bias = p.bias_offsets != nullptr
                           ? Lanes::load(w + static_cast<long>(p.bias_offsets[layer - 1] + j + k) * lanes)
                           : Lanes::all(0);
    for (int s = 0; s < block; ++s) sum[k][s] = bias;
  }
  for (int i = 0; i < n_in; ++i)
    add_products(weight + static_cast<long>(i) * lanes, static_cast<long>(n_in) * lanes, in + at<tile>(i, 0), sum);
  for (int k = 0; k < rows; ++k)
    for (int s = 0; s < block; ++s) finish(j + k, first + s, sum[k][s]);
}

template <int tile, class Finish>
inline __attribute__((always_inline)) void forward_rows_all(const KernelProblemOf<Real>& p, int layer, const Real* w,
                                                            const Real* act, Finish finish) {
  for (int first = 0; first < tile; first += block) {
    int j = 0;
    for (; j + 2 <= p.widths[layer]; j += 2) forward_rows<tile, 2>(p, layer, j, first, w, act, finish);
    if (j < p.widths[layer]) forward_rows<tile, 1>(p, layer, j, first, w, act, finish);
  }
}

template <int tile, Activation activation>
__attribute__((noinline)) void forward_hidden(const KernelProblemOf<Real>& p, int layer, const Real* w, Real* act,
                                              Real* delta) {
  const long start = at<tile>(p.unit_offsets[layer], 0);
  forward_rows_all<tile>(
      p, layer, w, act, [=](int j, int s, Lanes sum) __attribute__((always_inline)) {
        const long here = start + at<tile>(j, s);
        activate<activation>(sum, delta + here).store(act + here);
      });
}

template <int tile, Last last>
__attribute__((noinline)) void forward_last(const KernelProblemOf<Real>& p, const Real* w, const Real* act,
                                            Real* delta) {
  const long start = at<tile>(p.unit_offsets[p.n_layers], 0);
  forward_rows_all<tile>(
      p, p.n_layers, w, act, [=](int j, int s, Lanes sum) __attribute__((always_inline)) {
        if (last == Last::error) sum = sum - Lanes::load(act + at<tile>(j, s));
        sum.store(delta + start + at<tile>(j, s));
      });
}

/// Calls visit with the activation as a compile-time constant.
template <class Visit>
inline __attribute__((always_inline)) void with_activation(Activation activation, Visit visit) {
  switch (activation) {
    case Activation::linear:
      return visit.template operator()<Activation::linear>();
    case Activation::tanh:
      return visit.template operator()<Activation::tanh>();
    case Activation::relu:
      return visit.template operator()<Activation::relu>();
    case Activation::gelu:
      return visit.template operator()<Activation::gelu>();
    case Activation::sigmoid:
      return visit.template operator()<Activation::sigmoid>();
  }
}

/// a_1 .. a_{L-1} into `act`; f(x) - x (or f(x)) into the last layer's `delta`.
template <int tile, Last last = Last::error>
inline void forward(const KernelProblemOf<Real>& p, const Real* w, Real* act, Real* delta) {
  with_activation(p.activation, [&]<Activation activation>() {
    for (int layer = 1; layer < p.n_layers; ++layer) forward_hidden<tile, activation>(p, layer, w, act, delta);
  });
  forward_last<tile, last>(p, w, act, delta);
}

/// Sample slots that the batch does not fill get delta = 0: they add nothing.
template <int tile>
inline void drop_samples(const KernelProblemOf<Real>& p, int first_dropped, Real* delta) {
  for (int j = 0; j < p.widths[p.n_layers]; ++j)
    for (int s = first_dropped; s < tile; ++s) Lanes::all(0).store(delta + at<tile>(p.unit_offsets[p.n_layers] + j, s));
}

/// delta of layer `layer` - 1, columns i .. i + columns - 1, from that of `layer`.
template <int tile, int columns, Activation activation>
inline __attribute__((always_inline)) void backward_columns(const KernelProblemOf<Real>& p, int layer, int i, int first,
                                                            const Real* w, const Real* act, Real* delta) {
  const int n_in = p.widths[layer - 1];
  const Real* weight = w + static_cast<long>(p.weight_offsets[layer - 1] + i) * lanes;
  const Real* above = delta + at<tile>(p.unit_offsets[layer], first);
  Lanes sum[columns][block];
  for (int k = 0; k < columns; ++k)
    for (int s = 0; s < block; ++s) sum[k][s] = Lanes::all(0);
  for (int j = 0; j < p.widths[layer]; ++j)
    add_products(weight + static_cast<long>(j) * n_in * lanes, lanes, above + at<tile>(j, 0), sum);
  for (int k = 0; k < columns; ++k)
    for (int s = 0; s < block; ++s) {
      const long here = at<tile>(p.unit_offsets[layer - 1] + i + k, first + s);
      times_derivative<activation>(sum[k][s], Lanes::load(act + here), delta + here).store(delta + here);
    }
}

template <int tile, Activation activation>
__attribute__((noinline)) void backward_layer(const KernelProblemOf<Real>& p, int layer, const Real* w, const Real* act,
                                              Real* delta) {
  for (int first = 0; first < tile; first += block) {
    int i = 0;
    for (; i + 2 <= p.widths[layer - 1]; i += 2)
      backward_columns<tile, 2, activation>(p, layer, i, first, w, act, delta);
    if (i < p.widths[layer - 1]) backward_columns<tile, 1, activation>(p, layer, i, first, w, act, delta);
  }
}

/// delta of all hidden layers down to `lowest`.
template <int tile>
inline void backward(const KernelProblemOf<Real>& p, int lowest, const Real* w, const Real* act, Real* delta) {
  with_activation(p.activation, [&]<Activation activation>() {
    for (int layer = p.n_layers; layer > lowest; --layer) backward_layer<tile, activation>(p, layer, w, act, delta);
  });
}

/// Where a layer's gradient goes: a sum over tiles, and at the last tile, for `weights` that are not null, straight
/// into them.
struct Destination {
  Real* gradient;
  Real* weights;
  Lanes rate;
  bool is_first;

  Destination moved(long entries) const {
    return {gradient + entries * lanes, weights != nullptr ? weights + entries * lanes : nullptr, rate, is_first};
  }
};

/// `entry(j, i)` is where entry (j, i) of the block is, relative to the destination's first.
template <int rows, int columns, class Entry>
inline __attribute__((always_inline)) void start_sums(const Destination& to, Entry entry, Lanes (&sum)[rows][columns]) {
  if (to.is_first) {
    for (int j = 0; j < rows; ++j)
      for (int i = 0; i < columns; ++i) sum[j][i] = Lanes::all(0);
  } else {
    const Real* gradient = to.gradient;
    for (int j = 0; j < rows; ++j)
      for (int i = 0; i < columns; ++i) sum[j][i] = Lanes::load(gradient + entry(j, i));
  }
}

template <int rows, int columns, class Entry>
inline __attribute__((always_inline)) void finish_sums(const Destination& to, Entry entry,
                                                       Lanes (&sum)[rows][columns]) {
  Real* const weights = to.weights;
  Real* const gradient = to.gradient;
  const Lanes rate = to.rate;
  if (weights != nullptr) {
    for (int j = 0; j < rows; ++j)
      for (int i = 0; i < columns; ++i)
        fnma(rate, sum[j][i], Lanes::load(weights + entry(j, i))).store(weights + entry(j, i));
  } else {
    for (int j = 0; j < rows; ++j)
      for (int i = 0; i < columns; ++i) sum[j][i].store(gradient + entry(j, i));
  }
}

/// A block of the gradient of one matrix. `delta`, `in`, `to`: its first row's, first column's, first entry's.
template <int tile, int rows, int columns>
inline __attribute__((always_inline)) void gradient_block(const Real* delta, const Real* in, int n_in,
                                                          const Destination& to) {
  const auto entry = [=](int j, int i) __attribute__((always_inline)) {
    return (static_cast<long>(j) * n_in + i) * lanes;
  };
  Lanes sum[rows][columns];
  start_sums(to, entry, sum);
#pragma GCC unroll 1
  for (int s = 0; s < tile; ++s) {
    Lanes value[columns];
    for (int i = 0; i < columns; ++i) {
      Lanes loaded = Lanes::load(in + at<tile>(i, s));
      if (rows > 1) pin(loaded);
      value[i] = loaded;
    }
    for (int j = 0; j < rows; ++j) {
      Lanes error = Lanes::load(delta + at<tile>(j, s));
      pin(error);
      for (int i = 0; i < columns; ++i) sum[j][i] = fma(error, value[i], sum[j][i]);
    }
  }
  finish_sums(to, entry, sum);
}

template <int tile, int rows>
inline __attribute__((always_inline)) void gradient_rows(const Real* delta, const Real* in, int n_in,
                                                         const Destination& to) {
  int i = 0;
  if constexpr (rows <= 2)  // more accumulators than registers otherwise
    for (; i + 8 <= n_in; i += 8) gradient_block<tile, rows, 8>(delta, in + at<tile>(i, 0), n_in, to.moved(i));
  for (; i + 4 <= n_in; i += 4) gradient_block<tile, rows, 4>(delta, in + at<tile>(i, 0), n_in, to.moved(i));
  for (; i + 2 <= n_in; i += 2) gradient_block<tile, rows, 2>(delta, in + at<tile>(i, 0), n_in, to.moved(i));
  for (; i < n_in; ++i) gradient_block<tile, rows, 1>(delta, in + at<tile>(i, 0), n_in, to.moved(i));
}

/// The bias gradient of one layer.
template <int tile>
inline void bias_gradient(const Real* delta, int n_out, const Destination& to) {
  for (int j = 0; j < n_out; ++j) {
    const auto entry = [=](int, int) __attribute__((always_inline)) {
      return static_cast<long>(j) * lanes;
    };
    Lanes sum[1][1];
    start_sums(to, entry, sum);
    for (int s = 0; s < tile; ++s) sum[0][0] = sum[0][0] + Lanes::load(delta + at<tile>(j, s));
    finish_sums(to, entry, sum);
  }
}

/// The tile's part of one layer's gradient. `to`: of the network's first parameter.
template <int tile>
__attribute__((noinline)) void layer_gradient(const KernelProblemOf<Real>& p, int layer, const Real* act,
                                              const Real* delta, const Destination& to) {
  const int n_in = p.widths[layer - 1];
  const int n_out = p.widths[layer];
  const Real* in = act + at<tile>(p.unit_offsets[layer - 1], 0);
  const Real* error = delta + at<tile>(p.unit_offsets[layer], 0);
  const Destination matrix = to.moved(p.weight_offsets[layer - 1]);
  const auto row = [&](int j) { return matrix.moved(static_cast<long>(j) * n_in); };
  int j = 0;
  if (n_in < 8)  // with eight columns and more, two rows fill the registers
    for (; j + 4 <= n_out; j += 4) gradient_rows<tile, 4>(error + at<tile>(j, 0), in, n_in, row(j));
  for (; j + 2 <= n_out; j += 2) gradient_rows<tile, 2>(error + at<tile>(j, 0), in, n_in, row(j));
  for (; j < n_out; ++j) gradient_rows<tile, 1>(error + at<tile>(j, 0), in, n_in, row(j));
  if (p.bias_offsets != nullptr) bias_gradient<tile>(error, n_out, to.moved(p.bias_offsets[layer - 1]));
}

}  // namespace
}  // namespace driftwood::nn
