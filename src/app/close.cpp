#include "driftwood/app/close.hpp"

#include <utility>

#include "closures/tables.hpp"

namespace driftwood::app {

std::unique_ptr<fp::Coefficients> close(fp::ClosureKind kind, const ClosureInput& input,
                                        const mpi::Communicator& communicator) {
  auto tables = kind == fp::ClosureKind::conditional ? conditional_tables(input, communicator)
                                                     : averaged_tables(kind, input, communicator);
  std::vector<double> times = input.ensemble.times;
  times.resize(tables.size());
  return std::make_unique<fp::TabulatedCoefficients>(std::move(times), std::move(tables));
}

}  // namespace driftwood::app
