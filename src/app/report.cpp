#include "driftwood/app/report.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "driftwood/app/progress.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::app {

namespace {

/// "training.learning_rate" -> "learning_rate"
std::string short_key(const std::string& key) {
  return key.substr(key.find('.') + 1);
}

std::string describe(const std::vector<std::pair<std::string, std::string>>& coordinates, const std::string& id) {
  std::string text;
  for (const auto& [key, value] : coordinates) text += (text.empty() ? "" : ", ") + short_key(key) + ' ' + value;
  return text.empty() ? id : text;
}

std::string cell(double value, const char* format) {
  if (!std::isfinite(value)) return "-";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::vector<std::string> table_row(const store::SummaryRow& row) {
  return {describe(row.coordinates, row.id),
          row.closure,
          row.status,
          cell(row.distance, "%.2e"),
          cell(row.floor, "%.2e"),
          cell(row.ratio, "%.2f"),
          row.alike,
          cell(row.output_distance, "%.2e"),
          cell(row.output_floor, "%.2e"),
          cell(row.output_ratio, "%.2f"),
          row.outputs_alike};
}

}  // namespace

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t n_left) {
  std::vector<std::size_t> width(rows[0].size(), 0);
  for (const auto& row : rows)
    for (std::size_t k = 0; k < row.size(); ++k) width[k] = std::max(width[k], row[k].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t k = 0; k < row.size(); ++k) {
      const std::string padding(width[k] - row[k].size(), ' ');
      line += (k > 0 ? "  " : "") + (k < n_left ? row[k] + padding : padding + row[k]);
    }
    text += (text.empty() ? "" : "\n") + line.substr(0, line.find_last_not_of(' ') + 1);
  }
  return text;
}

std::string describe_point(const sweep::SweepPoint& point) {
  return "point " + std::to_string(point.index) + " (" + describe(point.coordinates, point.id) + ")";
}

std::string summary_table(const std::vector<store::SummaryRow>& rows) {
  std::vector<std::vector<std::string>> table{
      {"point", "closure", "status", "weights W1", "floor", "ratio", "alike", "outputs W1", "floor", "ratio", "alike"}};
  for (const store::SummaryRow& row : rows) table.push_back(table_row(row));
  return "Theory against experiment at each closure's worst snapshot (Wasserstein-1; ratio to the sampling floor,\n"
         "about 1 = indistinguishable), and at how many snapshots a permutation test finds both alike:\n\n" +
         aligned(table, 3);
}

std::string closing_lines(const store::RunDirectory& run, const std::vector<sweep::SweepPoint>& points,
                          double seconds) {
  return "\n" + std::to_string(points.size()) + " points in " + format_duration(seconds) +
         "\nsweep table:  " + run.sweep_file() + "\npoint files:  " + run.points() +
         "/<id>.h5\nconfig:       " + run.effective_ini() + "\nlog, status:  " + run.log_file() + ", " +
         run.status_file();
}

void write_text_file(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp." + std::to_string(getpid());
  const auto fail = [&](const char* action) {
    const std::string reason = std::strerror(errno);
    unlink(temporary.c_str());
    throw IoError(std::string("cannot ") + action + " '" + path + "': " + reason);
  };
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail("create");
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  if (::close(file) != 0 || !written) fail("write");
  if (rename(temporary.c_str(), path.c_str()) != 0) fail("rename the temporary file to");
}

}  // namespace driftwood::app
