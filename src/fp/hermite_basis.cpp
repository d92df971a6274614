#include "driftwood/fp/hermite_basis.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "driftwood/core/error.hpp"

namespace driftwood::fp {

HermiteBasis::HermiteBasis(int dimension, int degree) : dimension_(dimension), degree_(degree) {
  if (dimension < 1 || dimension > 4 || degree < 0) throw InternalError("a Hermite basis has 1 to 4 dimensions");
  Powers powers{};
  while (true) {
    if (std::accumulate(powers.begin(), powers.end(), 0) <= degree) powers_.push_back(powers);
    int axis = dimension - 1;
    while (axis >= 0 && powers[axis] == degree) powers[axis--] = 0;
    if (axis < 0) break;
    ++powers[axis];
  }
  std::stable_sort(powers_.begin(), powers_.end(), [](const Powers& a, const Powers& b) {
    return std::accumulate(a.begin(), a.end(), 0) < std::accumulate(b.begin(), b.end(), 0);
  });
}

int HermiteBasis::n_terms(int dimension, int degree) {
  int n = 1;
  for (int k = 1; k <= dimension; ++k) n = n * (degree + k) / k;
  return n;
}

Eigen::MatrixXd HermiteBasis::of_each_axis(const Eigen::VectorXd& x) const {
  Eigen::MatrixXd h(degree_ + 1, dimension_);
  for (int axis = 0; axis < dimension_; ++axis) {
    h(0, axis) = 1;
    if (degree_ > 0) h(1, axis) = x[axis];
    for (int k = 1; k < degree_; ++k)
      h(k + 1, axis) = (x[axis] * h(k, axis) - std::sqrt(k) * h(k - 1, axis)) / std::sqrt(k + 1.0);
  }
  return h;
}

Eigen::VectorXd HermiteBasis::values(const Eigen::VectorXd& x) const {
  const Eigen::MatrixXd h = of_each_axis(x);
  Eigen::VectorXd result = Eigen::VectorXd::Ones(size());
  for (int term = 0; term < size(); ++term)
    for (int axis = 0; axis < dimension_; ++axis) result[term] *= h(powers_[term][axis], axis);
  return result;
}

Eigen::MatrixXd HermiteBasis::slopes(const Eigen::VectorXd& x) const {
  const Eigen::MatrixXd h = of_each_axis(x);
  Eigen::MatrixXd result = Eigen::MatrixXd::Ones(size(), dimension_);
  for (int term = 0; term < size(); ++term)
    for (int by = 0; by < dimension_; ++by)
      for (int axis = 0; axis < dimension_; ++axis) {
        const int power = powers_[term][axis];
        result(term, by) *= axis != by ? h(power, axis) : power == 0 ? 0.0 : std::sqrt(power) * h(power - 1, axis);
      }
  return result;
}

}  // namespace driftwood::fp
