#include "driftwood/store/posix_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "driftwood/core/error.hpp"

namespace driftwood::store {

PosixFile::PosixFile(const std::string& path, int flags)
    : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail("open");
}

PosixFile::~PosixFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void PosixFile::fail(const char* action) const {
  throw IoError(std::string("cannot ") + action + " " + path_ + ": " + std::strerror(errno));
}

void PosixFile::write_all(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write");
    bytes = bytes.subspan(written);
  }
}

void PosixFile::write_once(const std::string& text) {
  ssize_t written = -1;
  do written = ::write(descriptor_, text.data(), text.size());
  while (written < 0 && errno == EINTR);
  if (written < 0) fail("write");
  if (written != static_cast<ssize_t>(text.size())) {
    errno = ENOSPC;
    fail("write a whole line to");
  }
}

std::size_t PosixFile::read(std::span<std::byte> buffer) {
  std::size_t total = 0;
  while (total < buffer.size()) {
    const ssize_t got = ::read(descriptor_, buffer.data() + total, buffer.size() - total);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read");
    if (got == 0) break;
    total += got;
  }
  return total;
}

void PosixFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write");
    bytes = bytes.subspan(written);
    offset += static_cast<std::uint64_t>(written);
  }
}

std::size_t PosixFile::read_at(std::uint64_t offset, std::span<std::byte> buffer) const {
  std::size_t total = 0;
  while (total < buffer.size()) {
    const ssize_t got =
        ::pread(descriptor_, buffer.data() + total, buffer.size() - total, static_cast<off_t>(offset + total));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read");
    if (got == 0) break;
    total += got;
  }
  return total;
}

void PosixFile::sync() {
  // Some file systems cannot sync a directory and say EINVAL: there is nothing more to be done then.
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail("fsync");
}

void PosixFile::close() {
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("close");
}

}  // namespace driftwood::store
