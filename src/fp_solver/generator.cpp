#include "generator.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "driftwood/core/packed.hpp"

namespace driftwood::fp_solver {

Generator::Generator(const fp::Coefficients& coefficients, const fp::Grid& grid, const Slabs& slabs, fp::FluxKind flux,
                     std::vector<fp::Wall> walls)
    : coefficients_(coefficients), grid_(grid), slabs_(slabs), flux_(flux), walls_(std::move(walls)) {}

fp::CellCoefficients Generator::physical(double time, const fp::Frame& frame, fp::CellRange range) const {
  const int d = grid_.dimension();
  const int packed = packed_size(d);
  fp::CellCoefficients result;
  result.range = range;
  result.drift.resize(static_cast<std::size_t>(range.count) * d);
  result.diffusion.resize(static_cast<std::size_t>(range.count) * packed);
  bool is_good = true;
  // Piece by piece: the cells' places are needed only while their coefficients are looked up.
  constexpr long piece = 1 << 14;
  for (long first = 0; first < range.count; first += piece) {
    const long n = std::min(piece, range.count - first);
    const std::vector<double> w = fp::cell_centres(grid_, frame, {range.first + first, n});
    coefficients_.evaluate(time, w, std::span(result.drift).subspan(first * d, n * d),
                           std::span(result.diffusion).subspan(first * packed, n * packed));
  }
  for (const double value : result.drift) is_good = is_good && std::isfinite(value);
  for (const double value : result.diffusion) is_good = is_good && std::isfinite(value);
  for (long i = 0; i < range.count && is_good; ++i)
    for (int k = 0; k < d; ++k) is_good = is_good && result.diffusion[i * packed + packed_index(d, k, k)] >= 0;
  if (!slabs_.communicator().all(is_good))
    throw SolveFailure{SolveStatus::bad_coefficients,
                       "at t = " + text(time) + " a drift is not finite, or a diffusion is not finite or negative"};
  return result;
}

fp::EdgeCoefficients Generator::edges(double time, const fp::Frame& frame, const fp::FrameMotion& motion) const {
  const bool keeps_cells = flux_ != fp::FluxKind::chang_cooper;
  const fp::CellRange owned = slabs_.owned();
  const fp::CellRange range = owned.count > 0 ? fp::with_halo(grid_, owned, keeps_cells) : owned;
  fp::CellCoefficients coefficients = physical(time, frame, range);
  fp::EdgeCoefficients edges;
  // Local work that may throw (a scale so small that E overflows) must do so on every rank.
  mpi::agree(slabs_.communicator(), [&] {
    fp::to_frame(grid_, frame, motion, coefficients);
    edges = fp::edge_coefficients(grid_, owned, std::move(coefficients), {walls_, keeps_cells});
  });
  share_directions(edges);
  return edges;
}

/// A direction that only some ranks' cells have gets empty edges on the others, which take part in its exchanges.
void Generator::share_directions(fp::EdgeCoefficients& edges) const {
  std::vector<double> steps;
  for (const auto& direction : edges.directions)
    for (const int entry : direction.step) steps.push_back(entry);
  const std::vector<double> all = slabs_.communicator().all_gather(steps);
  std::map<long, std::array<int, 4>> wanted;
  const std::vector<long> stride = fp::strides(grid_);
  for (std::size_t at = 0; at < all.size(); at += 4) {
    std::array<int, 4> step{};
    long offset = 0;
    for (int k = 0; k < 4; ++k) step[k] = static_cast<int>(all[at + k]);
    for (int k = 0; k < grid_.dimension(); ++k) offset += step[k] * stride[k];
    wanted[offset] = step;
  }
  if (wanted.size() == edges.directions.size()) return;
  std::vector<fp::EdgeCoefficients::Direction> directions;
  std::vector<std::vector<fp::EdgeCoefficients::Exit>> exits;
  auto present = edges.directions.begin();
  for (const auto& [offset, step] : wanted) {
    if (present != edges.directions.end() && present->offset == offset) {
      if (!edges.exits.empty()) exits.push_back(std::move(edges.exits[present - edges.directions.begin()]));
      directions.push_back(std::move(*present++));
      continue;
    }
    fp::EdgeCoefficients::Direction& added = directions.emplace_back();
    added.step = step;
    added.offset = offset;
    added.weight.assign(static_cast<std::size_t>(edges.owned.count + offset), fp::EdgeCoefficients::no_edge);
    added.peclet.assign(added.weight.size(), 0.0);
    if (flux_ != fp::FluxKind::chang_cooper) {
      added.cell_weight.assign(edges.cells.count, 0.0);
      added.cell_drift.assign(edges.cells.count, 0.0);
    }
    if (!walls_.empty()) exits.emplace_back();
  }
  edges.directions = std::move(directions);
  const bool absorbs = std::find(walls_.begin(), walls_.end(), fp::Wall::absorbing) != walls_.end();
  edges.exits = absorbs ? std::move(exits) : std::vector<std::vector<fp::EdgeCoefficients::Exit>>{};
}

std::shared_ptr<const fp::EdgeCoefficients> Generator::kept_edges(double time, const fp::Frame& frame,
                                                                  const fp::FrameMotion& motion) {
  if (!is_constant(motion)) return std::make_shared<fp::EdgeCoefficients>(edges(time, frame, motion));
  if (!kept_ || kept_for_.centre != frame.centre || kept_for_.scale != frame.scale) {
    kept_ = std::make_shared<fp::EdgeCoefficients>(edges(time, frame, motion));
    kept_for_ = frame;
  }
  return kept_;
}

bool Generator::is_constant(const fp::FrameMotion& motion) const {
  return !coefficients_.depends_on_time() && motion.is_at_rest();
}

double peclet_where_dense(const mpi::Communicator& communicator, const std::vector<double>& cell_peclet,
                          const std::vector<double>& mass) {
  const double most = communicator.max(mass.empty() ? 0.0 : *std::max_element(mass.begin(), mass.end()));
  double peclet = 0;
  for (std::size_t i = 0; i < mass.size(); ++i)
    if (mass[i] > 1e-6 * most) peclet = std::max(peclet, cell_peclet[i]);
  return communicator.max(peclet);
}

}  // namespace driftwood::fp_solver
