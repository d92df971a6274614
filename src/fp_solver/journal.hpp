#pragma once

#include <chrono>

#include "driftwood/fp_solver/checkpoint.hpp"
#include "driftwood/fp_solver/solver.hpp"
#include "driftwood/mpi/communicator.hpp"
#include "evolution.hpp"

namespace driftwood::fp_solver {

/// Saves a solve now and then, and stops it where that is asked for. Hooks and communicator must outlive it. Every
/// member function is collective.
class Journal {
 public:
  Journal(const SolveHooks& hooks, const mpi::Communicator& communicator);

  /// Takes the solve back to where it was saved; false: it never was.
  bool restore(Evolution& evolution, SolveResult& reached);
  /// Between two steps. Throws SolveFailure (stopped).
  void after_step(const Evolution& evolution, const SolveResult& reached);

 private:
  using Clock = std::chrono::steady_clock;
  void save(const Evolution& evolution, const SolveResult& reached);
  bool is_due() const;

  const SolveHooks& hooks_;
  const mpi::Communicator& communicator_;
  Clock::time_point last_save_;
};

}  // namespace driftwood::fp_solver
