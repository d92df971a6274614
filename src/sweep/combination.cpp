#include "driftwood/sweep/combination.hpp"

#include <algorithm>
#include <string_view>

#include "driftwood/sweep/suggestion.hpp"
#include "driftwood/sweep/value.hpp"

namespace driftwood::sweep {

struct Combination::Node {
  enum class Kind { factor, zip, product } kind = Kind::product;
  std::size_t factor = 0;
  std::size_t size = 1;
  std::vector<Node> children = {};

  /// Sets the places of all factors below this node for its combination number i.
  void place(std::size_t i, std::vector<std::size_t>& places) const {
    if (kind == Kind::factor) places[factor] = i;
    if (kind == Kind::zip)
      for (const Node& child : children) child.place(i, places);
    if (kind != Kind::product) return;
    for (std::size_t k = children.size(); k-- > 0;) {
      children[k].place(i % children[k].size, places);
      i /= children[k].size;
    }
  }
};

namespace {

using Node = Combination::Node;

/// A name for messages: the first key below the node.
const std::string& name_of(const Node& node, const std::vector<Factor>& factors) {
  return node.kind == Node::Kind::factor ? factors[node.factor].key : name_of(node.children.front(), factors);
}

Node product_of(std::vector<Node> children) {
  Node node{.kind = Node::Kind::product, .children = std::move(children)};
  for (const Node& child : node.children) node.size = std::min(node.size * child.size, Combination::most_points);
  return node;
}

Node zip_of(std::vector<Node> children, const std::vector<Factor>& factors) {
  for (const Node& child : children)
    if (child.size != children.front().size)
      throw ValueError("zip needs as many values of each: " + name_of(children.front(), factors) + " has " +
                       std::to_string(children.front().size) + ", " + name_of(child, factors) + " has " +
                       std::to_string(child.size));
  Node node{.kind = Node::Kind::zip, .size = children.front().size};
  node.children = std::move(children);
  return node;
}

/// Reads sweep.combine.
class Parser {
 public:
  explicit Parser(const std::vector<Factor>& factors) : factors_(factors), is_named_(factors.size(), false) {}

  std::vector<Node> list(std::string_view text, int depth = 0) {
    constexpr int deepest = 16;
    if (depth > deepest) throw ValueError("brackets are nested more than " + std::to_string(deepest) + " deep");
    std::vector<Node> nodes;
    for (const std::string_view part : split_list(text)) nodes.push_back(node(part, depth));
    return nodes;
  }

  bool is_named(std::size_t factor) const { return is_named_[factor]; }

 private:
  Node node(std::string_view text, int depth) {
    if (text.empty()) throw ValueError("a key is missing");
    const std::size_t open = text.find('(');
    if (open == std::string_view::npos) return leaf(text);
    const std::string_view name = trimmed(text.substr(0, open));
    if (name != "zip" && name != "product")
      throw ValueError("'" + std::string(name.substr(0, 60)) + "(' is unknown: write zip(..) or product(..)");
    if (text.back() != ')') throw ValueError("there is something after " + std::string(name) + "(...)");
    std::vector<Node> inside = list(text.substr(open + 1, text.size() - open - 2), depth + 1);
    return name == "zip" ? zip_of(std::move(inside), factors_) : product_of(std::move(inside));
  }

  Node leaf(std::string_view key) {
    const auto found = std::find_if(factors_.begin(), factors_.end(), [&](const Factor& f) { return f.key == key; });
    const std::string quoted = "'" + std::string(key.substr(0, 80)) + "'";
    if (found == factors_.end()) {
      std::vector<std::string> keys;
      for (const Factor& factor : factors_) keys.push_back(factor.key);
      throw ValueError(quoted + " is no key that can vary" + did_you_mean(key, keys));
    }
    const auto place = static_cast<std::size_t>(found - factors_.begin());
    if (is_named_[place]) throw ValueError(quoted + " is there twice");
    is_named_[place] = true;
    return {.kind = Node::Kind::factor, .factor = place, .size = found->n_values};
  }

  const std::vector<Factor>& factors_;
  std::vector<bool> is_named_;
};

}  // namespace

Combination::Combination(const std::vector<Factor>& factors, const std::string& text) : n_factors_(factors.size()) {
  Parser parser(factors);
  std::vector<Node> product;
  if (!trimmed(text).empty()) product = parser.list(text);
  std::vector<Node> sampled;
  for (std::size_t i = 0; i < factors.size(); ++i)
    if (factors[i].is_sampled && !parser.is_named(i))
      sampled.push_back({.kind = Node::Kind::factor, .factor = i, .size = factors[i].n_values});
  bool is_sample_placed = sampled.empty();
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (parser.is_named(i)) continue;
    if (!factors[i].is_sampled) {
      product.push_back({.kind = Node::Kind::factor, .factor = i, .size = factors[i].n_values});
    } else if (!is_sample_placed) {
      product.push_back(zip_of(std::move(sampled), factors));
      is_sample_placed = true;
    }
  }
  root_ = std::make_unique<Node>(product_of(std::move(product)));
}

Combination::Combination(Combination&&) noexcept = default;
Combination::~Combination() = default;

std::size_t Combination::size() const {
  return root_->size;
}

std::vector<std::size_t> Combination::places(std::size_t i) const {
  std::vector<std::size_t> places(n_factors_, 0);
  root_->place(i, places);
  return places;
}

}  // namespace driftwood::sweep
