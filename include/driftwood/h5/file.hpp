#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "driftwood/h5/handle.hpp"

namespace driftwood::h5 {

/// Opens an HDF5 file for reading (serial driver). Throws IoError with the path and HDF5's reason: missing, not HDF5,
/// truncated, ...
File open_read_only(const std::string& path);

/// The bytes of a complete HDF5 file.
class FileImage {
 public:
  FileImage(void* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(bytes_.get()), size_}; }

 private:
  struct Free {
    void operator()(void* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<void, Free> bytes_;
  std::size_t size_;
};

/// An HDF5 file being written in memory. HDF5 itself never touches the disk: on a full disk its H5Fclose can report
/// success and lose data, so the finished bytes are written by plain write() calls whose results are all checked
/// (store/commit.hpp). The format is that of HDF5 1.8; groups and attributes keep the order of their creation, as netCDF-4
/// wants it.
class MemoryFile {
 public:
  /// `path` only names the file in error messages.
  explicit MemoryFile(const std::string& path);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  hid_t id() const { return file_.id(); }

  /// Closes the file and returns its bytes. Every other handle into the file must be gone. To be called once, last.
  FileImage finish();

 private:
  struct Capture {
    void* buffer = nullptr;
  };
  static File create(const std::string& path, Capture& capture);

  std::string path_;
  Capture capture_;
  File file_;
};

/// Subgroup `name` of `location`, created.
Group create_group(hid_t location, const std::string& name);

/// A link in `location` to the root of another file, found relative to this one's place when it is followed.
void link_file(hid_t location, const std::string& name, const std::string& other_file);

}  // namespace driftwood::h5
