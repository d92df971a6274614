#include "driftwood/store/commit.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <random>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/store/posix_file.hpp"

namespace driftwood::store {

namespace {

/// FNV-1a, 64 bits: every step is a bijection of the state, so no change of a single byte goes unseen.
class Checksum {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) state_ = (state_ ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3U;
  }
  /// One line of fixed length.
  std::string seal() const {
    char line[64];
    std::snprintf(line, sizeof line, "\ndriftwood fnv1a64 %016llx\n", static_cast<unsigned long long>(state_));
    return line;
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

const std::string seal_start = "\ndriftwood fnv1a64 ";
const std::size_t seal_length = Checksum().seal().size();

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Removes a temporary file unless it was renamed.
class Temporary {
 public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!renamed_) ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  void rename_to(const std::string& final_path) {
    rename_file(path_, final_path);
    renamed_ = true;
  }

 private:
  std::string path_;
  bool renamed_ = false;
};

/// The same name every time, so that what a killed process left is overwritten by the next attempt.
std::string temporary_name(const std::filesystem::path& path) {
  std::string hidden(".");
  hidden += path.filename().string();
  hidden += ".part";
  return (directory_of(path) / hidden).string();
}

using Bytes = std::span<const std::byte>;

/// The steps of commit_file, for content in pieces.
void commit(const std::string& path, std::initializer_list<Bytes> pieces,
            const std::function<void(const std::string&)>& verify) {
  Temporary temporary(temporary_name(path));
  PosixFile file(temporary.path(), O_WRONLY | O_CREAT | O_TRUNC);
  for (const Bytes piece : pieces) file.write_all(piece);
  file.sync();
  file.close();
  verify(temporary.path());
  temporary.rename_to(path);
}

}  // namespace

void commit_file(const std::string& path, std::span<const std::byte> content,
                 const std::function<void(const std::string&)>& verify) {
  Checksum checksum;
  checksum.add(content);
  const std::string seal = checksum.seal();
  commit(path, {content, std::as_bytes(std::span(seal))}, [&](const std::string& temporary) {
    if (check_seal(temporary) != Seal::intact)
      throw IoError("verification of " + temporary + ": the bytes do not read back as written");
    verify(temporary);
  });
}

bool create_once(const std::string& path, const std::string& text) {
  // A name that no other writer on any host has: truncating another's file would truncate what it linked.
  std::random_device random;
  std::string name = path;
  for (int i = 0; i < 4; ++i) name.append(".").append(std::to_string(random()));
  const Temporary temporary(name);
  PosixFile file(name, O_WRONLY | O_CREAT | O_EXCL);
  file.write_once(text);
  file.close();
  if (::link(name.c_str(), path.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  throw IoError("cannot make " + path + ": " + std::strerror(errno));
}

void rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw IoError("cannot rename " + from + " to " + to + ": " + std::strerror(errno));
  PosixFile(directory_of(to).string(), O_RDONLY | O_DIRECTORY).sync();
}

void commit_text(const std::string& path, const std::string& text) {
  commit(path, {std::as_bytes(std::span(text))}, [](const std::string&) {});
}

Seal check_seal(const std::string& path) {
  PosixFile file(path, O_RDONLY);
  Checksum checksum;
  // The last seal_length bytes seen are held back: they may be the seal.
  std::vector<std::byte> buffer(seal_length + (std::size_t{1} << 20));
  std::size_t held = 0;
  while (true) {
    const std::size_t got = file.read(std::span(buffer).subspan(held));
    const std::size_t filled = held + got;
    if (got == 0) break;
    const std::size_t keep = std::min(filled, seal_length);
    checksum.add(std::span(buffer).first(filled - keep));
    std::memmove(buffer.data(), buffer.data() + filled - keep, keep);
    held = keep;
  }
  const std::string tail(reinterpret_cast<const char*>(buffer.data()), held);
  if (tail == checksum.seal()) return Seal::intact;
  return tail.starts_with(seal_start) && tail.size() == seal_length ? Seal::broken : Seal::absent;
}

void make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw IoError("cannot make directory " + path + ": " + error.message());
}

}  // namespace driftwood::store
