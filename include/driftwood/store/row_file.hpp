#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "driftwood/store/posix_file.hpp"

namespace driftwood::store {

/// What a file of rows belongs to and how large it is.
struct RowShape {
  std::uint64_t owner = 0;  ///< hash of all that must be the same for the rows to be of use
  std::uint64_t tag = 0;    ///< a number for the owner, like a step
  long n_rows = 0;
  long width = 0;  ///< numbers a row

  bool operator==(const RowShape&) const = default;
};

/// A scratch file of equally long rows of numbers, written and read in any division: every row has a checksum of its
/// own, over its numbers, its place and the file's shape, so ranks write theirs without knowing of each other, and a
/// row that is missing, torn, changed or another file's is never taken for one. Native byte order. Not collective. All
/// throw IoError naming the path.
class RowFile {
 public:
  /// A new file without rows; what was there is gone.
  static void create(const std::string& path, const RowShape& shape);
  /// The shape of the file that is there; none where there is no file, or one that is no whole file of rows.
  static std::optional<RowShape> shape_of(const std::string& path);

  /// Opens a file that has this shape.
  RowFile(const std::string& path, const RowShape& shape);

  void write(long first_row, std::span<const double> rows);
  void sync() { file_.sync(); }
  /// Throws IoError naming the first row that cannot be used.
  std::vector<double> read(long first_row, long count) const;

  const RowShape& shape() const { return shape_; }

 private:
  std::string path_;
  RowShape shape_;
  PosixFile file_;
};

}  // namespace driftwood::store
