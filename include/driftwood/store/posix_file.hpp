#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace driftwood::store {

/// An open file descriptor, closed when its owner goes. Failures throw IoError with path and the system's reason.
class PosixFile {
 public:
  /// open(2) with these flags (O_CLOEXEC is added); new files get mode 0666 less the umask.
  PosixFile(const std::string& path, int flags);
  PosixFile(PosixFile&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  PosixFile& operator=(PosixFile&&) = delete;
  ~PosixFile();

  int descriptor() const { return descriptor_; }
  /// Writes all bytes, in as many write() calls as the system makes of it.
  void write_all(std::span<const std::byte> bytes);
  /// Exactly one write() call; a short write is an error.
  void write_once(const std::string& text);
  /// Fills `buffer` as far as the file goes; returns the bytes read.
  std::size_t read(std::span<std::byte> buffer);
  /// The same at a place in the file; both leave the position of write_all and read alone.
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  std::size_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const;
  void sync();
  /// Closes and reports the errors that a file system keeps until then.
  void close();

 private:
  [[noreturn]] void fail(const char* action) const;

  std::string path_;
  int descriptor_;
};

}  // namespace driftwood::store
