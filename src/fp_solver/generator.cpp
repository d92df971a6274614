#include "generator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "driftwood/core/packed.hpp"
#include "driftwood/fp/sums.hpp"

namespace driftwood::fp_solver {

Generator::Generator(const fp::Coefficients& coefficients, const fp::Grid& grid, const Slabs& slabs, fp::FluxKind flux,
                     std::vector<fp::Wall> walls)
    : coefficients_(coefficients), grid_(grid), slabs_(slabs), flux_(flux), walls_(std::move(walls)) {}

bool Generator::evaluate(double time, const fp::Frame& frame, fp::CellRange range, fp::CellCoefficients& result) const {
  const int d = grid_.dimension();
  const int packed = packed_size(d);
  result.range = range;
  result.drift.resize(static_cast<std::size_t>(range.count) * d);
  result.diffusion.resize(static_cast<std::size_t>(range.count) * packed);
  // Piece by piece: the cells' places are needed only while their coefficients are looked up.
  constexpr long piece = 1 << 12;
  for (long first = 0; first < range.count; first += piece) {
    const long n = std::min(piece, range.count - first);
    const std::vector<double> w = fp::cell_centres(grid_, frame, {range.first + first, n});
    coefficients_.evaluate(time, w, std::span(result.drift).subspan(first * d, n * d),
                           std::span(result.diffusion).subspan(first * packed, n * packed));
  }
  bool is_good = true;
  for (const double value : result.drift) is_good = is_good && std::isfinite(value);
  for (const double value : result.diffusion) is_good = is_good && std::isfinite(value);
  for (long i = 0; i < range.count && is_good; ++i)
    for (int k = 0; k < d; ++k) is_good = is_good && result.diffusion[i * packed + packed_index(d, k, k)] >= 0;
  return is_good;
}

void Generator::require_good(bool is_good, double time) const {
  if (!slabs_.communicator().all(is_good))
    throw SolveFailure{SolveStatus::bad_coefficients,
                       "at t = " + text(time) + " a drift is not finite, or a diffusion is not finite or negative"};
}

fp::CellCoefficients Generator::physical(double time, const fp::Frame& frame, fp::CellRange range) const {
  fp::CellCoefficients result;
  require_good(evaluate(time, frame, range, result), time);
  return result;
}

namespace {

/// A window of consecutive cells that moves on.
void drop_before(fp::CellCoefficients& window, long first, int d) {
  const long n = std::clamp(first - window.range.first, 0L, window.range.count);
  window.drift.erase(window.drift.begin(), window.drift.begin() + n * d);
  window.diffusion.erase(window.diffusion.begin(), window.diffusion.begin() + n * packed_size(d));
  window.range = {window.range.first + n, window.range.count - n};
}

void append(fp::CellCoefficients& window, const fp::CellCoefficients& more) {
  window.drift.insert(window.drift.end(), more.drift.begin(), more.drift.end());
  window.diffusion.insert(window.diffusion.end(), more.diffusion.begin(), more.diffusion.end());
  window.range.count += more.range.count;
}

}  // namespace

fp::DirectionFields Generator::direction_fields(double time, const fp::Frame& frame,
                                                const fp::FrameMotion& motion) const {
  const fp::CellRange owned = slabs_.owned();
  const long layer = slabs_.layer_cells();
  const long at_once = std::max(2L, 8192 / layer) * layer;
  fp::DirectionFields fields;
  bool is_good = true;
  // Local work that may throw (a scale so small that E overflows) must do so on every rank.
  mpi::agree(slabs_.communicator(), [&] {
    fp::DirectionFieldsBuilder builder(grid_, owned, walls_, flux_ == fp::FluxKind::fourth_order);
    fp::CellCoefficients window;
    fp::CellCoefficients more;
    window.range = {std::max(0L, owned.first - layer), 0};
    for (long first = owned.first; first < owned.last() && is_good; first += at_once) {
      const long last = std::min(first + at_once, owned.last());
      const long seen = window.range.last();
      drop_before(window, first - layer, grid_.dimension());
      is_good = evaluate(time, frame, {seen, std::min(last + layer, grid_.n_cells()) - seen}, more);
      if (!is_good) break;
      fp::to_frame(grid_, frame, motion, more);
      append(window, more);
      builder.add({first, last - first}, window);
    }
    fields = builder.finish();
  });
  require_good(is_good, time);
  share_directions(fields);
  return fields;
}

/// A direction, or an excess, that only some ranks' cells have is zero on the others, which take part in its exchanges.
void Generator::share_directions(fp::DirectionFields& fields) const {
  std::vector<double> steps;
  for (const auto& direction : fields.directions)
    for (const int entry : direction.step) steps.push_back(entry);
  const std::vector<double> all = slabs_.communicator().all_gather(steps);
  const std::vector<long> stride = fp::strides(grid_);
  for (std::size_t at = 0; at < all.size(); at += 4) {
    std::array<int, 4> step{};
    long offset = 0;
    for (int k = 0; k < 4; ++k) step[k] = static_cast<int>(all[at + k]);
    for (int k = 0; k < grid_.dimension(); ++k) offset += step[k] * stride[k];
    const auto place = std::lower_bound(fields.directions.begin(), fields.directions.end(), offset,
                                        [](const auto& direction, long value) { return direction.offset < value; });
    if (place != fields.directions.end() && place->offset == offset) continue;
    fields.directions.insert(place, {step, offset, std::vector<double>(fields.owned.count, 0.0)});
  }
  std::vector<double> has_excess;
  for (const auto& direction : fields.directions) has_excess.push_back(direction.excess.empty() ? 0 : 1);
  slabs_.communicator().max(has_excess);
  for (std::size_t at = 0; at < has_excess.size(); ++at)
    if (has_excess[at] > 0) fields.directions[at].excess.resize(fields.owned.count, 0.0);
}

fp::EdgeCoefficients Generator::edges(double time, const fp::Frame& frame, const fp::FrameMotion& motion) const {
  const bool keeps_cells = flux_ == fp::FluxKind::fourth_order;
  const fp::CellRange owned = slabs_.owned();
  const fp::CellRange range = owned.count > 0 ? fp::with_halo(grid_, owned, keeps_cells) : owned;
  fp::CellCoefficients coefficients = physical(time, frame, range);
  fp::EdgeCoefficients edges;
  // Local work that may throw (a scale so small that E overflows) must do so on every rank.
  mpi::agree(slabs_.communicator(), [&] {
    fp::to_frame(grid_, frame, motion, coefficients);
    edges = fp::edge_coefficients(grid_, owned, std::move(coefficients), {walls_, keeps_cells});
  });
  return edges;
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
  const double most = communicator.max(fp::range_of(mass).second);
  return communicator.max(fp::largest_where(cell_peclet, mass, 1e-6 * most));
}

}  // namespace driftwood::fp_solver
