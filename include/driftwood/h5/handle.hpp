#pragma once

#include <hdf5.h>

#include <utility>

namespace driftwood::h5 {

/// Owner of one HDF5 object of one kind, closed when the owner goes. Move-only; holds a valid id unless moved from. A
/// failure to close is ignored here: files are written in memory (memory_file.hpp), where closing has nothing to lose.
template <herr_t (*close)(hid_t)>
class Handle {
 public:
  /// Adopts `id`, which must be valid (the result of check()).
  explicit Handle(hid_t id) : id_(id) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close(id_);
  }

  hid_t id() const { return id_; }
  /// Gives the id up: the caller closes it.
  hid_t release() { return std::exchange(id_, H5I_INVALID_HID); }

 private:
  hid_t id_;
};

using File = Handle<H5Fclose>;
using Group = Handle<H5Gclose>;
using Dataset = Handle<H5Dclose>;
using Dataspace = Handle<H5Sclose>;
using Datatype = Handle<H5Tclose>;
using PropertyList = Handle<H5Pclose>;
using Attribute = Handle<H5Aclose>;
/// An object of any kind, found through a reference.
using Object = Handle<H5Oclose>;

}  // namespace driftwood::h5
