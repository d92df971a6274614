#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <string>

#include "driftwood/core/error.hpp"
#include "driftwood/core/packed.hpp"
#include "driftwood/h5/dataset.hpp"
#include "driftwood/h5/file.hpp"
#include "driftwood/store/solve_file.hpp"

namespace driftwood::store {

namespace {

using Shape = std::vector<std::size_t>;

std::string text_of(const Shape& shape) {
  std::string text;
  for (const std::size_t n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text.empty() ? "a scalar" : text;
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// "[2, 0, 1]": the place of a value, the last dimension fastest.
std::string index_text(std::size_t position, const Shape& shape) {
  std::string text;
  for (std::size_t k = shape.size(); k-- > 0;) {
    text = std::to_string(position % shape[k]) + (text.empty() ? "" : ", " + text);
    position /= shape[k];
  }
  return "[" + text + "]";
}

/// A dataset of finite numbers.
struct Array {
  std::string where;
  Shape shape;
  std::vector<double> values;

  [[noreturn]] void fail(const std::string& why) const { throw ConfigError(where + ": " + why); }
};

Array read_array(const h5::File& file, const std::string& path, const std::string& name) {
  const h5::Dataset dataset = h5::open_dataset(file.id(), name);
  Array array{path + ": dataset '" + name + "'", h5::shape(dataset), h5::read<double>(dataset)};
  for (std::size_t i = 0; i < array.values.size(); ++i)
    if (!std::isfinite(array.values[i]))
      array.fail("the value at " + index_text(i, array.shape) + " is not a finite number");
  return array;
}

void expect_ascending(const Array& array) {
  if (array.shape.size() != 1 || array.values.empty())
    array.fail("it has the shape " + text_of(array.shape) + ", not n");
  for (std::size_t i = 1; i < array.values.size(); ++i)
    if (array.values[i] <= array.values[i - 1]) array.fail("its values do not ascend at " + std::to_string(i));
}

void expect_equal_steps(const Array& array) {
  const std::vector<double>& nodes = array.values;
  if (nodes.size() < 2) array.fail("there must be at least 2 nodes");
  const double step = (nodes.back() - nodes.front()) / static_cast<double>(nodes.size() - 1);
  for (std::size_t i = 1; i < nodes.size(); ++i)
    if (std::abs(nodes[i] - nodes[i - 1] - step) > 1e-6 * step)
      array.fail("the nodes are not equally spaced at " + std::to_string(i) + ": " +
                 short_number(nodes[i] - nodes[i - 1]) + " after steps of " + short_number(step));
}

void expect_shape(const Array& array, const Shape& expected, const std::string& meaning) {
  if (array.shape != expected)
    array.fail("it has the shape " + text_of(array.shape) + " instead of " + text_of(expected) + " (" + meaning + ")");
}

/// The packed tensors of all times and nodes, from packed or full matrices; each is checked.
class TensorReader {
 public:
  TensorReader(const Array& diffusion, int d, std::size_t n_times) : diffusion_(diffusion), d_(d), n_times_(n_times) {}

  std::vector<double> packed(const std::vector<std::vector<double>>& nodes, const std::vector<double>& times) const {
    const auto size = static_cast<std::size_t>(packed_size(d_));
    const auto full = static_cast<std::size_t>(d_ * d_);
    const bool is_full = diffusion_.shape.size() == 1 + nodes.size() + 2;
    const std::size_t n = diffusion_.values.size() / (is_full ? full : size);
    std::vector<double> all(n * size);
    for (std::size_t i = 0; i < n; ++i) {
      const Eigen::MatrixXd matrix =
          is_full ? Eigen::MatrixXd(Eigen::Map<const Eigen::MatrixXd>(&diffusion_.values[i * full], d_, d_))
                  : unpack_symmetric(d_, {&diffusion_.values[i * size], size});
      check(matrix, i, nodes, times);
      for (int k = 0; k < d_; ++k)
        for (int l = k; l < d_; ++l) all[i * size + static_cast<std::size_t>(packed_index(d_, k, l))] = matrix(k, l);
    }
    return all;
  }

 private:
  void check(const Eigen::MatrixXd& matrix, std::size_t position, const std::vector<std::vector<double>>& nodes,
             const std::vector<double>& times) const {
    const double largest = matrix.cwiseAbs().maxCoeff();
    std::string what;
    if (!((matrix - matrix.transpose()).cwiseAbs().maxCoeff() <= 1e-12 * largest)) what = "not symmetric";
    if (what.empty() &&
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix).eigenvalues().minCoeff() < -1e-12 * largest)
      what = "not positive semidefinite";
    if (what.empty()) return;
    std::string place;
    for (std::size_t k = nodes.size(); k-- > 0;) {
      place = short_number(nodes[k][position % nodes[k].size()]) + (place.empty() ? "" : ", " + place);
      position /= nodes[k].size();
    }
    diffusion_.fail("the tensor at time " + short_number(times[position % n_times_]) + ", w = (" + place + ") is " +
                    what);
  }

  const Array& diffusion_;
  int d_;
  std::size_t n_times_;
};

}  // namespace

fp::TabulatedCoefficients read_coefficients(const std::string& path) {
  const h5::File file = h5::open_read_only(path);
  const std::vector<std::string> names = h5::dataset_names(file.id());
  const auto has = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  std::vector<std::vector<double>> nodes;
  Shape shape;
  const Array times = read_array(file, path, "time");
  expect_ascending(times);
  shape.push_back(times.values.size());
  while (nodes.size() < 4 && (nodes.empty() || has("w" + std::to_string(nodes.size() + 1)))) {
    const Array axis = read_array(file, path, "w" + std::to_string(nodes.size() + 1));
    expect_ascending(axis);
    expect_equal_steps(axis);
    nodes.push_back(axis.values);
    shape.push_back(axis.values.size());
  }
  const std::size_t d = nodes.size();
  const Array drift = read_array(file, path, "drift");
  Shape with_vector = shape;
  with_vector.push_back(d);
  expect_shape(drift, with_vector, "times, nodes along each axis, d");
  const Array diffusion = read_array(file, path, "diffusion");
  Shape with_matrix = with_vector;
  with_matrix.push_back(d);
  Shape with_packed = shape;
  with_packed.push_back(static_cast<std::size_t>(packed_size(static_cast<int>(d))));
  if (diffusion.shape != with_matrix)
    expect_shape(diffusion, with_packed, "times, nodes along each axis, d (d + 1) / 2; or d x d");
  const std::vector<double> packed =
      TensorReader(diffusion, static_cast<int>(d), times.values.size()).packed(nodes, times.values);

  std::vector<fp::CoefficientTable> tables;
  const std::size_t drift_size = drift.values.size() / times.values.size();
  const std::size_t packed_total = packed.size() / times.values.size();
  for (std::size_t t = 0; t < times.values.size(); ++t) {
    const auto part = [t](const std::vector<double>& all, std::size_t size) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(t * size);
      return std::vector<double>(first, first + static_cast<std::ptrdiff_t>(size));
    };
    tables.push_back({nodes, part(drift.values, drift_size), part(packed, packed_total)});
  }
  return {times.values, std::move(tables)};
}

}  // namespace driftwood::store
