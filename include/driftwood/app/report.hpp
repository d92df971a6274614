#pragma once

#include <string>
#include <vector>

#include "driftwood/data/dataset.hpp"
#include "driftwood/store/store.hpp"
#include "driftwood/sweep/point_config.hpp"

namespace driftwood::app {

/// "learning_rate 0.02, batch_size 8": the point's place in the sweep, or its id where nothing is swept.
std::string describe_point(const sweep::SweepPoint& point);

/// A table whose columns are padded to equal width: the first `n_left` to the left, the others to the right.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t n_left);

/// The table of the run: point, closure, distance, floor, ratio for weights and outputs at the worst snapshot.
std::string summary_table(const std::vector<store::SummaryRow>& rows);

/// Where the results are, as the last lines of a run.
std::string closing_lines(const store::RunDirectory& run, const std::vector<sweep::SweepPoint>& points, double seconds);

/// Replaces a small text file atomically. Throws IoError with the path.
void write_text_file(const std::string& path, const std::string& text);

}  // namespace driftwood::app
