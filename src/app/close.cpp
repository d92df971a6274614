#include "driftwood/app/close.hpp"

#include <utility>

#include "closures/tables.hpp"

namespace driftwood::app {

ClosedEquation close(fp::ClosureKind kind, const ClosureInput& input, const mpi::Communicator& communicator) {
  ClosedEquation closed;
  std::vector<fp::CoefficientTable> tables;
  if (kind == fp::ClosureKind::conditional) {
    closed.fits = conditional_fits(input, communicator);
    for (fp::ConditionalFit& fit : closed.fits)
      tables.push_back({fit.table.nodes, std::move(fit.table.drift), std::move(fit.table.diffusion)});
  } else {
    tables = averaged_tables(kind, input, communicator);
  }
  std::vector<double> times = input.ensemble.times;
  times.resize(tables.size());
  closed.coefficients = std::make_unique<fp::TabulatedCoefficients>(std::move(times), std::move(tables));
  return closed;
}

}  // namespace driftwood::app
