#pragma once

#include <string>
#include <vector>

namespace driftwood::data {

/// Samples to train on: `values` is row-major, n_samples x n_features.
struct Dataset {
  std::string name;                        ///< the file's path, for messages
  std::vector<std::string> feature_names;  ///< n_features names
  int n_samples = 0;
  int n_features = 0;
  std::vector<double> values;

  const double* sample(int i) const { return values.data() + static_cast<std::size_t>(i) * n_features; }
};

enum class LabelColumn { none, last };

/// Reads a CSV file whose first row names the columns; with LabelColumn::last the last column is dropped, whatever it
/// holds. Accepts CRLF and a byte-order mark. Errors: IoError when the file cannot be read (or is a directory),
/// ConfigError naming file:line and column for a ragged row, a value that is not a finite number, or no rows.
/// Not collective: reads the file in the calling process.
Dataset read_csv(const std::string& path, LabelColumn label_column);

/// The data set with each feature shifted to mean 0 and scaled to standard deviation 1 (population); a constant feature
/// becomes 0.
Dataset standardised(const Dataset& dataset);

/// The same with the means and deviations of `reference`: for samples that are held out.
Dataset standardised(const Dataset& dataset, const Dataset& reference);

}  // namespace driftwood::data
