#pragma once

#include <petscksp.h>
#include <slepceps.h>

#include <utility>

namespace driftwood::petsc {

/// Throws LibraryError with PETSc's message naming `action`, unless `code` is 0.
void check(PetscErrorCode code, const char* action);

/// Owns one PETSc object; move-only. Dies before the Session.
template <class T, PetscErrorCode (*destroy)(T*)>
class Handle {
 public:
  Handle() = default;
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      object_ = std::exchange(other.object_, nullptr);
    }
    return *this;
  }

  T get() const { return object_; }
  /// For PETSc's create functions: drops what was owned.
  T* out() {
    reset();
    return &object_;
  }
  explicit operator bool() const { return object_ != nullptr; }
  void reset() {
    if (object_ != nullptr) (void)destroy(&object_);
    object_ = nullptr;
  }

 private:
  T object_ = nullptr;
};

using Matrix = Handle<Mat, MatDestroy>;
using Vector = Handle<Vec, VecDestroy>;
using LinearSolver = Handle<KSP, KSPDestroy>;
using IndexSet = Handle<IS, ISDestroy>;
using Scatter = Handle<VecScatter, VecScatterDestroy>;
using EigenSolver = Handle<EPS, EPSDestroy>;

}  // namespace driftwood::petsc
