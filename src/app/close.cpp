#include "driftwood/app/close.hpp"

#include <utility>

#include "closures/tables.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::app {

std::unique_ptr<fp::Coefficients> close(fp::ClosureKind kind, const ClosureInput& input,
                                        const mpi::Communicator& communicator) {
  // Replicas are only ever lost: the last snapshot has the fewest.
  mpi::agree(communicator, [&] {
    if (input.tracked[input.tracked.size() - 1].size() < 2)
      throw ConfigError("fewer than two replicas stayed finite: lower training.learning_rate");
  });
  auto tables = kind == fp::ClosureKind::conditional ? conditional_tables(input, communicator)
                                                     : averaged_tables(kind, input, communicator);
  std::vector<double> times = input.ensemble.times;
  times.resize(tables.size());
  return std::make_unique<fp::TabulatedCoefficients>(std::move(times), std::move(tables));
}

}  // namespace driftwood::app
