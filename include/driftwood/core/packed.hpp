#pragma once

#include <Eigen/Core>
#include <span>

namespace driftwood {

/// Number of independent entries of a symmetric d x d tensor.
constexpr int packed_size(int d) { return d * (d + 1) / 2; }

/// Position of entry (i, j) in the packed upper triangle, row by row: 11, 12, .., 1d, 22, .., dd. Symmetric in i and j.
constexpr int packed_index(int d, int i, int j) {
  const int row = i < j ? i : j;
  const int column = i < j ? j : i;
  return row * d - row * (row - 1) / 2 + (column - row);
}

/// The symmetric matrix that `packed` (packed_size(d) values) stands for.
inline Eigen::MatrixXd unpack_symmetric(int d, std::span<const double> packed) {
  Eigen::MatrixXd matrix(d, d);
  for (int i = 0; i < d; ++i)
    for (int j = 0; j < d; ++j) matrix(i, j) = packed[packed_index(d, i, j)];
  return matrix;
}

}  // namespace driftwood
