#pragma once

#include "driftwood/core/error.hpp"

namespace driftwood::mpi {

template <class Action>
void agree(const Communicator& communicator, Action&& action) {
  int code = 0;
  std::string message;
  try {
    action();
  } catch (const Error& error) {
    code = static_cast<int>(error.code());
    message = error.what();
  } catch (const std::exception& error) {
    code = static_cast<int>(ExitCode::internal);
    message = error.what();
  }
  throw_first_error(communicator, code, message);
}

}  // namespace driftwood::mpi
