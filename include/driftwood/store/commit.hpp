#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace driftwood::store {

/// A file either has its final name and is complete, or does not have it. Writes `content` and a seal (a line with the
/// checksum of all bytes before it, behind the end of the HDF5 data, where HDF5 does not look) to a hidden name in
/// the same directory, every result checked; fsync; close; `verify(temporary path)`, which throws if the file does not
/// read back; rename; fsync of the directory. On any failure the temporary file is removed, whatever had the final name
/// stays as it was, and IoError names path and reason.
void commit_file(const std::string& path, std::span<const std::byte> content,
                 const std::function<void(const std::string&)>& verify);

/// The same for a file of text, without a seal.
void commit_text(const std::string& path, const std::string& text);

/// Makes a small file that appears complete or not at all, and only once, whoever else tries (a hard link). False where
/// it exists already. Throws IoError.
bool create_once(const std::string& path, const std::string& text);

/// Gives a complete, synchronised file its final name, and synchronises the directory. Throws IoError.
void rename_file(const std::string& from, const std::string& to);

enum class Seal { intact, broken, absent };

/// Compares the file's bytes with its seal: `broken` if a byte changed, `absent` if the file does not end in one
/// (truncated, still being written, or rewritten by another program). Throws IoError if it cannot be read.
Seal check_seal(const std::string& path);

/// Makes the directory, and its parents, if it is not there. Throws IoError.
void make_directory(const std::string& path);

}  // namespace driftwood::store
