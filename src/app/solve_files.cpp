#include "driftwood/app/solve_files.hpp"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/row_file.hpp"

namespace driftwood::app {

namespace {

/// Of what a solve writes. Another version's numbers are not this one's.
constexpr std::uint64_t format = 1;

/// One row, written and read by root.
class SolveFile : public fp_solver::SolveKeeper {
 public:
  SolveFile(std::string path, std::uint64_t owner, const mpi::Communicator& communicator,
            std::function<void(const std::string&)> warn)
      : path_(std::move(path)), owner_(owner), communicator_(communicator), warn_(std::move(warn)) {}

  std::vector<double> load() override {
    std::vector<double> numbers;
    mpi::agree(communicator_, [&] {
      if (communicator_.is_root()) numbers = read();
    });
    communicator_.broadcast(numbers);
    return numbers;
  }

  void save(const std::vector<double>& numbers) override {
    mpi::agree(communicator_, [&] {
      if (!communicator_.is_root()) return;
      const std::string part = path_ + ".part";
      const store::RowShape shape = shape_of(numbers.size());
      store::RowFile::create(part, shape);
      {
        store::RowFile file(part, shape);
        file.write(0, numbers);
        file.sync();
      }
      store::rename_file(part, path_);
    });
  }

 private:
  store::RowShape shape_of(std::size_t n_numbers) const { return {owner_, format, 1, static_cast<long>(n_numbers)}; }

  std::vector<double> read() const {
    std::error_code ignored;
    if (!std::filesystem::exists(path_, ignored)) return {};
    try {
      const auto shape = store::RowFile::shape_of(path_);
      if (shape && *shape == shape_of(static_cast<std::size_t>(shape->width)))
        return store::RowFile(path_, *shape).read(0, 1);
      warn_(path_ + ": " + (shape ? "of another problem or another version" : "damaged") + "; solving from the start");
    } catch (const Error& error) {
      warn_(std::string(error.what()) + "; solving from the start");
    }
    return {};
  }

  std::string path_;
  std::uint64_t owner_;
  const mpi::Communicator& communicator_;
  std::function<void(const std::string&)> warn_;
};

}  // namespace

std::shared_ptr<fp_solver::SolveKeeper> solve_file_keeper(std::string path, std::uint64_t owner,
                                                          const mpi::Communicator& communicator,
                                                          std::function<void(const std::string&)> warn) {
  return std::make_shared<SolveFile>(std::move(path), owner, communicator, std::move(warn));
}

void remove_solve_files(const std::string& path) {
  std::error_code ignored;
  for (const std::string& each : {path, path + ".part"}) std::filesystem::remove(each, ignored);
}

}  // namespace driftwood::app
