#include "driftwood/store/dataset_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/dataset.hpp"
#include "driftwood/h5/file.hpp"

namespace driftwood::store {
namespace {

/// An HDF5 file with one dataset, that lives as long as the test.
class Hdf5File {
 public:
  Hdf5File(const std::vector<std::size_t>& shape, const std::vector<double>& values)
      : path_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".h5") {
    h5::MemoryFile file(path_);
    h5::write(h5::create_dataset(file.id(), "images", h5::ElementType::real, shape), values);
    const h5::FileImage image = file.finish();
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(image.bytes().data()), static_cast<std::streamsize>(image.bytes().size()));
  }
  ~Hdf5File() { std::remove(path_.c_str()); }
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ReadHdf5, TakesTheFirstDimensionAsSamplesAndTheOthersAsFeatures) {
  const Hdf5File file({2, 1, 3}, {1, 2, 3, 4, 5, 6});
  const data::Dataset dataset = read_hdf5(file.path(), "images");
  EXPECT_EQ(dataset.n_samples, 2);
  EXPECT_EQ(dataset.n_features, 3);
  EXPECT_THAT(dataset.values, testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(dataset.feature_names, testing::ElementsAre("x1", "x2", "x3"));
}

TEST(ReadHdf5, NamesWhatIsWrong) {
  const Hdf5File file({1, 2}, {1, std::nan("")});
  EXPECT_THROW(read_hdf5("/nowhere/data.h5", "images"), IoError);
  EXPECT_THROW(read_hdf5(file.path(), "labels"), IoError);
  try {
    read_hdf5(file.path(), "images");
    ADD_FAILURE() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(file.path() + ": dataset 'images'"));
  }
}

}  // namespace
}  // namespace driftwood::store
