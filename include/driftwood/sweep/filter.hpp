#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace driftwood::sweep {

/// The canonical value of a key at a point.
using KeyValue = std::function<const std::string&(const std::string& key)>;

/// A condition on the values of a point: sweep.filter. Numbers, keys, words ('...' where they are no plain word),
/// + - * / ^, log exp sqrt abs min max, comparisons, and or not, parentheses. A flag is true or false; a key of words
/// can be compared (== !=) with a word.
class Filter {
 public:
  /// `keys` are those that may be named. Throws ValueError saying what cannot be read, at which character.
  Filter(std::string_view text, const std::vector<std::string>& keys);
  Filter(Filter&&) noexcept;
  ~Filter();

  /// Whether the point is kept. Throws ValueError where a word is used as a number, or the whole is no condition.
  bool keeps(const KeyValue& value_of) const;

  struct Expression;  ///< of the tree

 private:
  std::unique_ptr<Expression> root_;
};

}  // namespace driftwood::sweep
