#include "driftwood/h5/file.hpp"

#include <cstring>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/check.hpp"

namespace driftwood::h5 {

namespace {

// The core driver's memory, from malloc so that the finished buffer can be taken over without a copy.
void* image_malloc(std::size_t size, H5FD_file_image_op_t, void*) { return std::malloc(size); }
void* image_realloc(void* buffer, std::size_t size, H5FD_file_image_op_t, void*) { return std::realloc(buffer, size); }
void* image_memcpy(void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
  return std::memcpy(to, from, size);
}

/// On closing, the buffer goes to the capture (a pointer to its void*) instead of being freed.
herr_t image_free(void* buffer, H5FD_file_image_op_t operation, void* captured) {
  if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE)
    *static_cast<void**>(captured) = buffer;
  else
    std::free(buffer);
  return 0;
}
void* share(void* captured) { return captured; }
herr_t keep(void*) { return 0; }

constexpr unsigned in_order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
constexpr std::size_t growth = std::size_t{1} << 20;

PropertyList memory_access(void** captured) {
  PropertyList access(check_library(H5Pcreate(H5P_FILE_ACCESS), "create a property list"));
  check_library(H5Pset_fapl_core(access.id(), growth, false), "select the core driver");
  check_library(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), "select the file format");
  H5FD_file_image_callbacks_t callbacks{image_malloc, image_memcpy, image_realloc, image_free, share, keep, captured};
  check_library(H5Pset_file_image_callbacks(access.id(), &callbacks), "set the image callbacks");
  return access;
}

}  // namespace

File open_read_only(const std::string& path) {
  silence();
  return File(check_file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "open HDF5 file", path));
}

File MemoryFile::create(const std::string& path, Capture& capture) {
  silence();
  const PropertyList access = memory_access(&capture.buffer);
  const PropertyList creation(check_library(H5Pcreate(H5P_FILE_CREATE), "create a property list"));
  check_library(H5Pset_obj_track_times(creation.id(), false), "switch time stamps off");
  check_library(H5Pset_link_creation_order(creation.id(), in_order), "track link order");
  check_library(H5Pset_attr_creation_order(creation.id(), in_order), "track attribute order");
  return File(
      check_file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), "create (in memory) file", path));
}

MemoryFile::MemoryFile(const std::string& path) : path_(path), file_(create(path, capture_)) {}

MemoryFile::~MemoryFile() {
  {
    const File closing = std::move(file_);
  }
  std::free(capture_.buffer);
}

FileImage MemoryFile::finish() {
  const hid_t file = file_.id();
  check_file(H5Fflush(file, H5F_SCOPE_GLOBAL), "flush", path_);
  if (H5Fget_obj_count(file, H5F_OBJ_ALL) != 1) throw InternalError("an object of " + path_ + " is still open");
  // Only the size is asked for: HDF5 1.10.8 clears flags in the image itself without renewing the superblock's checksum.
  const auto size = check_file(H5Fget_file_image(file, nullptr, 0), "get the size of", path_);
  check_file(H5Fclose(file_.release()), "close", path_);
  return {std::exchange(capture_.buffer, nullptr), static_cast<std::size_t>(size)};
}

Group create_group(hid_t location, const std::string& name) {
  const PropertyList creation(check_library(H5Pcreate(H5P_GROUP_CREATE), "create a property list"));
  check_library(H5Pset_obj_track_times(creation.id(), false), "switch time stamps off");
  check_library(H5Pset_link_creation_order(creation.id(), in_order), "track link order");
  check_library(H5Pset_attr_creation_order(creation.id(), in_order), "track attribute order");
  return Group(check(H5Gcreate2(location, name.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT), "create group",
                     location, name));
}

void link_file(hid_t location, const std::string& name, const std::string& other_file) {
  check(H5Lcreate_external(other_file.c_str(), "/", location, name.c_str(), H5P_DEFAULT, H5P_DEFAULT), "create link",
        location, name);
}

}  // namespace driftwood::h5
