// Training one replica, lane = sample: the layout for wide networks and for fewer replicas than lanes. Forward and
// backward sums run over lanes of samples, gradients over lanes of a layer's inputs (or outputs), so every sum is the
// same chain as in kernel_passes.inl: the same bits. A part of kernel_body.inl.

namespace driftwood::nn {
namespace {

/// Samples between two visits of the gradient.
inline constexpr int chunk = 64;

inline int round_up(int n, int unit) {
  return (n + unit - 1) / unit * unit;
}

/// Arrays of one replica: [unit][sample of the chunk], and transposed [sample][unit].
struct SampleWorkspace {
  Real* act;
  Real* delta;
  Real* inputs;  ///< a_{l-1} of one layer, transposed
  Real* errors;  ///< delta_l of one layer, transposed
  Real* gradient;
  int row;  ///< numbers of a transposed row

  SampleWorkspace(const KernelProblemOf<Real>& p, Real* scratch) : row(0) {
    for (int layer = 0; layer <= p.n_layers; ++layer) row = row < p.widths[layer] ? p.widths[layer] : row;
    row = round_up(row, lanes);
    const long units = p.unit_offsets[p.n_layers + 1];
    act = scratch;
    delta = act + units * chunk;
    inputs = delta + units * chunk;
    errors = inputs + static_cast<long>(row) * chunk;
    gradient = errors + static_cast<long>(row) * chunk;
  }
};

/// Products of a scalar matrix with lanes of samples: rows r .. r + rows - 1 of factors (entry (r, k) at r * row_stride
/// + k * inner_stride) times values[k][sample].
struct Factors {
  const Real* first;
  long row_stride;
  long inner_stride;
  int n_inner;
};

template <int rows, int vectors, class Start, class Finish>
inline __attribute__((always_inline)) void product_rows(const Factors& factors, int r, const Real* values, Start start,
                                                        Finish finish) {
  const Real* factor = factors.first + r * factors.row_stride;
  Lanes sum[rows][vectors];
  for (int k = 0; k < rows; ++k)
    for (int v = 0; v < vectors; ++v) sum[k][v] = start(r + k);
  for (int i = 0; i < factors.n_inner; ++i) {
    Lanes value[vectors];
    for (int v = 0; v < vectors; ++v) {
      Lanes loaded = Lanes::load(values + static_cast<long>(i) * chunk + v * lanes);
      pin(loaded);
      value[v] = loaded;
    }
    for (int k = 0; k < rows; ++k) {
      Lanes spread = Lanes::all(factor[k * factors.row_stride + i * factors.inner_stride]);
      if (vectors > 1) pin(spread);
      for (int v = 0; v < vectors; ++v) sum[k][v] = fma(spread, value[v], sum[k][v]);
    }
  }
  for (int k = 0; k < rows; ++k)
    for (int v = 0; v < vectors; ++v) finish(r + k, v * lanes, sum[k][v]);
}

template <int vectors, class Start, class Finish>
inline __attribute__((always_inline)) void product_all(const Factors& factors, int n_rows, const Real* values,
                                                       Start start, Finish finish) {
  constexpr int most_rows = vectors == 4 ? 4 : 8;
  int r = 0;
  for (; r + most_rows <= n_rows; r += most_rows) product_rows<most_rows, vectors>(factors, r, values, start, finish);
  if constexpr (most_rows == 8)
    for (; r + 4 <= n_rows; r += 4) product_rows<4, vectors>(factors, r, values, start, finish);
  for (; r + 2 <= n_rows; r += 2) product_rows<2, vectors>(factors, r, values, start, finish);
  for (; r < n_rows; ++r) product_rows<1, vectors>(factors, r, values, start, finish);
}

/// a_l of a hidden layer, or f(x) - x of the last.
template <int vectors, Activation activation, bool is_last>
__attribute__((noinline)) void sample_forward(const KernelProblemOf<Real>& p, int layer, int first, const Real* w,
                                              const SampleWorkspace& work) {
  const int n_in = p.widths[layer - 1];
  const Real* bias = p.bias_offsets != nullptr ? w + p.bias_offsets[layer - 1] : nullptr;
  const long in = static_cast<long>(p.unit_offsets[layer - 1]) * chunk + first;
  const long out = static_cast<long>(p.unit_offsets[layer]) * chunk;
  const auto start = [=](int j) __attribute__((always_inline)) {
    return Lanes::all(bias != nullptr ? bias[j] : 0);
  };
  const auto finish = [&](int j, int s, Lanes sum) __attribute__((always_inline)) {
    const long here = static_cast<long>(j) * chunk + first + s;
    if constexpr (is_last)
      (sum - Lanes::load(work.act + here)).store(work.delta + out + here);
    else
      activate<activation>(sum, work.delta + out + here).store(work.act + out + here);
  };
  product_all<vectors>({w + p.weight_offsets[layer - 1], n_in, 1, n_in}, p.widths[layer], work.act + in, start, finish);
}

/// delta of layer `layer` - 1.
template <int vectors, Activation activation>
__attribute__((noinline)) void sample_backward(const KernelProblemOf<Real>& p, int layer, int first, const Real* w,
                                               const SampleWorkspace& work) {
  const int n_in = p.widths[layer - 1];
  const long below = static_cast<long>(p.unit_offsets[layer - 1]) * chunk + first;
  const auto start = [](int) __attribute__((always_inline)) {
    return Lanes::all(0);
  };
  const auto finish = [&](int i, int s, Lanes sum) __attribute__((always_inline)) {
    const long here = below + static_cast<long>(i) * chunk + s;
    times_derivative<activation>(sum, Lanes::load(work.act + here), work.delta + here).store(work.delta + here);
  };
  product_all<vectors>({w + p.weight_offsets[layer - 1], 1, n_in, p.widths[layer]}, n_in,
                       work.delta + static_cast<long>(p.unit_offsets[layer]) * chunk + first, start, finish);
}

/// [unit][sample] to [sample][unit]; the row's rest repeats the last unit.
inline void transpose(const Real* from, int n_units, int n_samples, int row, Real* to) {
  std::uint64_t offsets[lanes];
  for (int u = 0; u < n_units; u += lanes) {
    for (int l = 0; l < lanes; ++l)
      offsets[l] = static_cast<std::uint64_t>(u + l < n_units ? u + l : n_units - 1) * chunk;
    for (int s = 0; s < n_samples; s += 4) gather4(from + s, offsets, to + static_cast<long>(s) * row + u, row);
  }
}

/// Where one matrix's gradient goes: entry (row, column) at row * row_stride + column * column_stride. As Destination.
struct SampleDestination {
  Real* gradient;
  Real* weights;
  Lanes rate;
  bool is_first;
  long row_stride;
  long column_stride;
  int n_columns;
  Real* row_sums;  ///< null: not wanted

  Lanes read(const Real* array, int row, int column) const {
    const Real* first = array + row * row_stride + column * column_stride;
    const int count = n_columns - column;
    if (column_stride == 1) return load_some(first, count);
    Real some[lanes] = {};
    for (int l = 0; l < lanes && l < count; ++l) some[l] = first[l * column_stride];
    return Lanes::load(some);
  }
  void write(Lanes values, Real* array, int row, int column) const {
    Real* first = array + row * row_stride + column * column_stride;
    const int count = n_columns - column;
    if (column_stride == 1 && count >= lanes) return values.store(first);
    Real some[lanes];
    values.store(some);
    for (int l = 0; l < lanes && l < count; ++l) first[l * column_stride] = some[l];
  }

  /// Whether `vectors` vectors from `column` on are whole and contiguous.
  bool is_whole(int column, int vectors) const { return column_stride == 1 && column + vectors * lanes <= n_columns; }
};

/// Rows r .. of factors[row][sample] times values[sample][column], summed over `count` samples. `whole`: as is_whole.
/// With `sums`, the rows' plain sums over the samples too, into to.row_sums: a layer's bias gradient, hidden behind the
/// products.
template <int rows, int vectors, bool whole, bool sums>
inline __attribute__((always_inline)) void outer_block(const Real* factors, const Real* values, int row, int count,
                                                       int r, int c, const SampleDestination& to) {
  const auto read = [&](const Real* array, int k, int v) __attribute__((always_inline)) {
    if constexpr (whole) return Lanes::load(array + (r + k) * to.row_stride + c + v * lanes);
    return to.read(array, r + k, c + v * lanes);
  };
  const auto write = [&](Lanes sum, Real * array, int k, int v) __attribute__((always_inline)) {
    if constexpr (whole)
      sum.store(array + (r + k) * to.row_stride + c + v * lanes);
    else
      to.write(sum, array, r + k, c + v * lanes);
  };
  Lanes sum[rows][vectors];
  if (to.is_first) {
    for (int k = 0; k < rows; ++k)
      for (int v = 0; v < vectors; ++v) sum[k][v] = Lanes::all(0);
  } else {
    for (int k = 0; k < rows; ++k)
      for (int v = 0; v < vectors; ++v) sum[k][v] = read(to.gradient, k, v);
  }
  const Real* factor = factors + static_cast<long>(r) * chunk;
  Real plain[rows];
  for (int k = 0; k < rows; ++k) plain[k] = sums && !to.is_first ? to.row_sums[r + k] : 0;
  for (int s = 0; s < count; ++s) {
    if constexpr (sums)
      for (int k = 0; k < rows; ++k) plain[k] = plain[k] + factor[static_cast<long>(k) * chunk + s];
    Lanes value[vectors];
    for (int v = 0; v < vectors; ++v) {
      Lanes loaded = Lanes::load(values + static_cast<long>(s) * row + c + v * lanes);
      pin(loaded);
      value[v] = loaded;
    }
    for (int k = 0; k < rows; ++k) {
      Lanes spread = Lanes::all(factor[static_cast<long>(k) * chunk + s]);
      if (vectors > 1) pin(spread);
      for (int v = 0; v < vectors; ++v) sum[k][v] = fma(spread, value[v], sum[k][v]);
    }
  }
  if constexpr (sums)
    for (int k = 0; k < rows; ++k) to.row_sums[r + k] = plain[k];
  if (to.weights != nullptr) {
    for (int k = 0; k < rows; ++k)
      for (int v = 0; v < vectors; ++v) write(fnma(to.rate, sum[k][v], read(to.weights, k, v)), to.weights, k, v);
  } else {
    for (int k = 0; k < rows; ++k)
      for (int v = 0; v < vectors; ++v) write(sum[k][v], to.gradient, k, v);
  }
}

template <int vectors, bool whole, bool sums>
inline void outer_rows(const Real* factors, int n_rows, const Real* values, int row, int count, int c,
                       const SampleDestination& to) {
  int r = 0;
  for (; r + 4 <= n_rows; r += 4) outer_block<4, vectors, whole, sums>(factors, values, row, count, r, c, to);
  for (; r + 2 <= n_rows; r += 2) outer_block<2, vectors, whole, sums>(factors, values, row, count, r, c, to);
  for (; r < n_rows; ++r) outer_block<1, vectors, whole, sums>(factors, values, row, count, r, c, to);
}

template <int vectors>
inline void outer_columns(const Real* factors, int n_rows, const Real* values, int row, int count, int c,
                          const SampleDestination& to) {
  const bool sums = to.row_sums != nullptr && c == 0;
  const auto all_rows = [&](auto rows_of) { rows_of(factors, n_rows, values, row, count, c, to); };
  if (to.is_whole(c, vectors))
    all_rows(sums ? outer_rows<vectors, true, true> : outer_rows<vectors, true, false>);
  else
    all_rows(sums ? outer_rows<vectors, false, true> : outer_rows<vectors, false, false>);
}

__attribute__((noinline)) void outer_products(const Real* factors, int n_rows, const Real* values, int row, int count,
                                              const SampleDestination& to) {
  int c = 0;
  for (; c + 3 * lanes < to.n_columns; c += 4 * lanes) outer_columns<4>(factors, n_rows, values, row, count, c, to);
  for (; c + lanes < to.n_columns; c += 2 * lanes) outer_columns<2>(factors, n_rows, values, row, count, c, to);
  for (; c < to.n_columns; c += lanes) outer_columns<1>(factors, n_rows, values, row, count, c, to);
}

/// The chunk's part of one layer's gradient.
inline void sample_gradient(const KernelProblemOf<Real>& p, int layer, int count, const SampleWorkspace& work,
                            Real* weights, Lanes rate, bool is_first) {
  const int n_in = p.widths[layer - 1];
  const int n_out = p.widths[layer];
  const Real* act = work.act + static_cast<long>(p.unit_offsets[layer - 1]) * chunk;
  const Real* delta = work.delta + static_cast<long>(p.unit_offsets[layer]) * chunk;
  const bool over_inputs = n_in >= n_out || n_in >= lanes;
  if (!over_inputs) transpose(delta, n_out, count, work.row, work.errors);
  Real* const bias = p.bias_offsets != nullptr ? work.gradient + p.bias_offsets[layer - 1] : nullptr;
  const int offset = p.weight_offsets[layer - 1];
  SampleDestination to{
      work.gradient + offset, weights != nullptr ? weights + offset : nullptr, rate, is_first, n_in, 1, n_in, bias};
  if (over_inputs) {
    transpose(act, n_in, count, work.row, work.inputs);
    outer_products(delta, n_out, work.inputs, work.row, count, to);
  } else {
    to.row_stride = 1;
    to.column_stride = n_in;
    to.n_columns = n_out;
    to.row_sums = nullptr;
    outer_products(act, n_in, work.errors, work.row, count, to);
    for (int j = 0; bias != nullptr && j < n_out; j += lanes) {
      Lanes sum = is_first ? Lanes::all(0) : load_some(bias + j, n_out - j);
      for (int s = 0; s < count; ++s) sum = sum + Lanes::load(work.errors + static_cast<long>(s) * work.row + j);
      store_some(sum, bias + j, n_out - j);
    }
  }
  if (bias == nullptr || weights == nullptr) return;
  Real* const bias_weights = weights + p.bias_offsets[layer - 1];
  for (int j = 0; j < n_out; j += lanes)
    store_some(fnma(rate, load_some(bias + j, n_out - j), load_some(bias_weights + j, n_out - j)), bias_weights + j,
               n_out - j);
}

/// a_0 of one replica's samples.
inline void gather_chunk(const KernelProblemOf<Real>& p, std::uint64_t* offsets, int count, Real* act) {
  for (int s = count; s < round_up(count, lanes); ++s) offsets[s] = offsets[0];
  for (int s = 0; s < count; s += lanes) {
    int i = 0;
    for (; i + 4 <= p.widths[0]; i += 4)
      gather4(p.data + i, offsets + s, act + static_cast<long>(i) * chunk + s, chunk);
    for (; i < p.widths[0]; ++i)
      for (int l = 0; l < lanes; ++l)
        act[static_cast<long>(i) * chunk + s + l] = p.data[offsets[s + l] + static_cast<std::uint64_t>(i)];
  }
}

/// Calls visit with the number of vectors, 4, 2 or 1, and the first sample of each block of vectors that `count`
/// samples fill.
template <class Visit>
inline __attribute__((always_inline)) void for_vectors(int count, Visit visit) {
  int first = 0;
  for (; first + 2 * lanes < count; first += 4 * lanes) visit.template operator()<4>(first);
  for (; first + lanes < count; first += 2 * lanes) visit.template operator()<2>(first);
  for (; first < count; first += lanes) visit.template operator()<1>(first);
}

/// The chunk forwards, and backwards down to layer `lowest`.
template <Activation activation>
inline void sample_passes(const KernelProblemOf<Real>& p, int lowest, int count, const Real* w,
                          const SampleWorkspace& work) {
  for (int layer = 1; layer < p.n_layers; ++layer)
    for_vectors(count,
                [&]<int vectors>(int first) { sample_forward<vectors, activation, false>(p, layer, first, w, work); });
  for_vectors(count, [&]<int vectors>(int first) {
    sample_forward<vectors, Activation::linear, true>(p, p.n_layers, first, w, work);
  });
  for (int layer = p.n_layers; layer > lowest; --layer)
    for_vectors(count, [&]<int vectors>(int first) { sample_backward<vectors, activation>(p, layer, first, w, work); });
}

void train_one(const KernelProblemOf<Real>& p, const TrainTask& task, Real* w, Real* state, Real* scratch) {
  const int lowest = lowest_trained(p, task);
  if (lowest > p.n_layers) return;
  const SampleWorkspace work(p, scratch);
  const Minibatches minibatches(p, task);
  const bool separate = has_separate_updates(p, task);
  Noise normal(task);
  std::uint64_t offsets[chunk];
  for (std::uint32_t k = 0; k < task.n_steps; ++k) {
    const Lanes rate = StepRule::of(task.steps[k].learning_rate / task.batch_size);
    for (int draw = 0; draw < task.batch_size; draw += chunk) {
      const int count = task.batch_size - draw < chunk ? task.batch_size - draw : chunk;
      minibatches.of_one(task.first_step + k, draw, count, offsets);
      gather_chunk(p, offsets, count, work.act);
      with_activation(p.activation,
                      [&]<Activation activation>() { sample_passes<activation>(p, lowest, count, w, work); });
      const bool is_last = draw + chunk >= task.batch_size;
      for (int layer = lowest; layer <= p.n_layers; ++layer) {
        const LayerUpdate update = task.updates[layer - 1];
        if (update == LayerUpdate::none) continue;
        sample_gradient(p, layer, count, work, is_last && update == LayerUpdate::fused ? w : nullptr, rate, draw == 0);
      }
    }
    if (separate) update_one(p, task, k, normal, work.gradient, w, state);
  }
}

}  // namespace
}  // namespace driftwood::nn
