// Training, lane = replica; a part of kernel_body.inl.

namespace driftwood::nn {
namespace {

struct Workspace {
  Real* act;
  Real* delta;
  Real* gradient;

  Workspace(const KernelProblemOf<Real>& p, int tile, Real* scratch)
      : act(scratch),
        delta(act + static_cast<long>(p.unit_offsets[p.n_layers + 1]) * tile * lanes),
        gradient(delta + static_cast<long>(p.unit_offsets[p.n_layers + 1]) * tile * lanes) {}
};

/// a_0 of the tile's samples, each replica's own.
template <int tile>
inline void gather_samples(const KernelProblemOf<Real>& p, const std::uint64_t (&offsets)[tile][lanes], Real* act) {
  const int n_in = p.widths[0];
  for (int s = 0; s < tile; ++s) {
    int i = 0;
    for (; i + 8 <= n_in; i += 8) gather8(p.data + i, offsets[s], act + at<tile>(i, s), at<tile>(1, 0));
    for (; i + 4 <= n_in; i += 4) gather4(p.data + i, offsets[s], act + at<tile>(i, s), at<tile>(1, 0));
    for (; i < n_in; ++i)
      for (int l = 0; l < lanes; ++l) act[at<tile>(i, s) + l] = p.data[offsets[s][l] + static_cast<std::uint64_t>(i)];
  }
}

template <int tile>
void train_in_tiles(const KernelProblemOf<Real>& p, const TrainTask& task, Real* w, Real* state, Real* scratch) {
  const Workspace work(p, tile, scratch);
  const Minibatches minibatches(p, task);
  const int lowest = lowest_trained(p, task);
  const bool separate = has_separate_updates(p, task);
  Noise normal(task);
  std::uint64_t offsets[tile][lanes];
  for (std::uint32_t k = 0; k < task.n_steps; ++k) {
    const Lanes rate = StepRule::of(task.steps[k].learning_rate / task.batch_size);
    for (int draw = 0; draw < task.batch_size; draw += tile) {
      const int count = task.batch_size - draw < tile ? task.batch_size - draw : tile;
      minibatches.of_replicas<tile>(task.first_step + k, draw, count, offsets);
      gather_samples<tile>(p, offsets, work.act);
      forward<tile>(p, w, work.act, work.delta);
      if (count < tile) drop_samples<tile>(p, count, work.delta);
      backward<tile>(p, lowest, w, work.act, work.delta);
      const bool is_last = draw + tile >= task.batch_size;
      for (int layer = lowest; layer <= p.n_layers; ++layer) {
        const LayerUpdate update = task.updates[layer - 1];
        if (update == LayerUpdate::none) continue;
        layer_gradient<tile>(p, layer, work.act, work.delta,
                             {work.gradient, is_last && update == LayerUpdate::fused ? w : nullptr, rate, draw == 0});
      }
    }
    if (separate) update_replicas(p, task, k, normal, work.gradient, w, state);
  }
}

}  // namespace
}  // namespace driftwood::nn
