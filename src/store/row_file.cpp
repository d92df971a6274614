#include "driftwood/store/row_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "driftwood/core/error.hpp"

namespace driftwood::store {

namespace {

using Word = std::uint64_t;

/// Says what the file is and how its rows are laid out.
constexpr Word magic = 0x3173776f72776472;  // "rdwrows1"
constexpr std::size_t n_header_words = 6;
constexpr std::size_t word_bytes = sizeof(Word);
/// Bytes read or written at once.
constexpr long buffer_bytes = 1L << 20;

Word mixed(Word state, Word word) {
  state = (state ^ word) * 0x9fb21c651e98df25U;
  return state ^ (state >> 32);
}

using Header = std::array<Word, n_header_words>;

Header header_of(const RowShape& shape) {
  Header header{magic, shape.owner, shape.tag, static_cast<Word>(shape.n_rows), static_cast<Word>(shape.width), 0};
  for (std::size_t i = 0; i + 1 < n_header_words; ++i) header.back() = mixed(header.back(), header[i]);
  return header;
}

/// The checksum of row `row`: never 0, so that a hole in the file is no row.
Word checksum(const Header& header, long row, const Word* words, long width) {
  Word state = mixed(header.back(), static_cast<Word>(row));
  for (long i = 0; i < width; ++i) state = mixed(state, words[i]);
  return state != 0 ? state : 1;
}

long row_words(const RowShape& shape) {
  return shape.width + 1;
}

std::uint64_t offset_of(const RowShape& shape, long row) {
  return (n_header_words + static_cast<Word>(row) * static_cast<Word>(row_words(shape))) * word_bytes;
}

long rows_a_buffer(const RowShape& shape) {
  return std::max(1L, buffer_bytes / (row_words(shape) * static_cast<long>(word_bytes)));
}

}  // namespace

void RowFile::create(const std::string& path, const RowShape& shape) {
  PosixFile file(path, O_WRONLY | O_CREAT | O_TRUNC);
  const Header header = header_of(shape);
  file.write_all(std::as_bytes(std::span(header)));
  file.close();
}

std::optional<RowShape> RowFile::shape_of(const std::string& path) {
  try {
    PosixFile file(path, O_RDONLY);
    Header header{};
    if (file.read(std::as_writable_bytes(std::span(header))) != sizeof header) return {};
    const RowShape shape{header[1], header[2], static_cast<long>(header[3]), static_cast<long>(header[4])};
    if (header != header_of(shape)) return {};
    return shape;
  } catch (const IoError&) {
    return {};
  }
}

RowFile::RowFile(const std::string& path, const RowShape& shape) : path_(path), shape_(shape), file_(path, O_RDWR) {
  if (shape_of(path) != shape) throw IoError(path + ": not the file of rows that it should be");
}

void RowFile::write(long first_row, std::span<const double> rows) {
  const long width = shape_.width;
  const long count = width > 0 ? static_cast<long>(rows.size()) / width : 0;
  const Header header = header_of(shape_);
  std::vector<Word> buffer;
  for (long done = 0; done < count;) {
    const long n = std::min(rows_a_buffer(shape_), count - done);
    buffer.resize(static_cast<std::size_t>(n * row_words(shape_)));
    for (long r = 0; r < n; ++r) {
      Word* words = buffer.data() + r * row_words(shape_);
      std::memcpy(words, rows.data() + (done + r) * width, static_cast<std::size_t>(width) * word_bytes);
      words[width] = checksum(header, first_row + done + r, words, width);
    }
    file_.write_at(offset_of(shape_, first_row + done), std::as_bytes(std::span(buffer)));
    done += n;
  }
}

std::vector<double> RowFile::read(long first_row, long count) const {
  const long width = shape_.width;
  const Header header = header_of(shape_);
  std::vector<double> rows(static_cast<std::size_t>(count * width));
  std::vector<Word> buffer;
  for (long done = 0; width > 0 && done < count;) {
    const long n = std::min(rows_a_buffer(shape_), count - done);
    buffer.assign(static_cast<std::size_t>(n * row_words(shape_)), 0);
    file_.read_at(offset_of(shape_, first_row + done), std::as_writable_bytes(std::span(buffer)));
    for (long r = 0; r < n; ++r) {
      const Word* words = buffer.data() + r * row_words(shape_);
      if (words[width] != checksum(header, first_row + done + r, words, width))
        throw IoError(path_ + ": row " + std::to_string(first_row + done + r) + " is damaged or missing");
      std::memcpy(rows.data() + (done + r) * width, words, static_cast<std::size_t>(width) * word_bytes);
    }
    done += n;
  }
  return rows;
}

}  // namespace driftwood::store
