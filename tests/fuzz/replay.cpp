// What the fuzz target does to a config, without a fuzzer: the corpus, and texts made of it by cutting, joining and
// spoiling, the same in every run. usage: fuzz_replay INPUTS DIRECTORY...
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

std::vector<std::string> read_corpus(const std::vector<std::string>& directories) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& directory : directories)
    for (const auto& entry : std::filesystem::directory_iterator(directory)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

/// Texts like those of the corpus, but wrong in places.
class Spoiler {
 public:
  explicit Spoiler(const std::vector<std::string>& corpus) : corpus_(corpus) {}

  std::string next() {
    std::string text = any_text();
    for (std::size_t n_changes = 1 + below(4); n_changes > 0; --n_changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(numbers_() % n); }
  const std::string& any_text() { return corpus_[below(corpus_.size())]; }
  std::string part_of(const std::string& text) {
    const std::size_t first = below(text.size() + 1);
    return text.substr(first, below(40));
  }

  void change(std::string& text) {
    const std::size_t place = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.erase(place, below(20));
        break;
      case 1:
        text.insert(place, part_of(text));
        break;
      case 2:
        text.insert(place, part_of(any_text()));
        break;
      case 3:
        text.resize(place);
        break;
      default:
        text.insert(place, 1, static_cast<char>(below(256)));
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 numbers_{1};
};

void try_input(const std::string& text) {
  try {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  } catch (const std::exception& error) {
    std::printf("FAILED: %s\n--- the input:\n%s\n---\n", error.what(), text.c_str());
    std::exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::vector<std::string> corpus = read_corpus({argv + 2, argv + argc});
  if (corpus.empty()) return 2;
  for (const std::string& text : corpus) try_input(text);
  Spoiler spoiler(corpus);
  const long n_inputs = std::atol(argv[1]);
  for (long i = 0; i < n_inputs; ++i) try_input(spoiler.next());
  std::printf("%zu texts, and %ld made of them\n", corpus.size(), n_inputs);
}
