#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/attribute.hpp"
#include "driftwood/h5/check.hpp"
#include "driftwood/h5/dataset.hpp"
#include "driftwood/h5/dimension_scale.hpp"
#include "driftwood/h5/file.hpp"

namespace driftwood::h5 {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class H5File : public testing::Test {
 protected:
  H5File() {
    path_ = testing::TempDir() + "driftwood_h5_" + std::to_string(getpid()) + ".h5";
  }
  ~H5File() override { std::filesystem::remove(path_); }

  void save(MemoryFile& file) const {
    const FileImage image = file.finish();
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(image.bytes().data()), static_cast<long>(image.bytes().size()));
  }

  template <class Action>
  static std::string message_of(Action&& action) {
    try {
      action();
    } catch (const IoError& error) {
      return error.what();
    }
    return "no IoError";
  }

  std::string path_;
};

TEST_F(H5File, ValuesOfEveryTypeReadBackAsWritten) {
  MemoryFile file(path_);
  std::vector<double> reals(20000);
  std::iota(reals.begin(), reals.end(), 0.5);
  write(create_dataset(file.id(), "reals", ElementType::real, {100, 200}), reals);
  write(create_dataset(file.id(), "integers", ElementType::integer, {3}), std::vector<std::int64_t>{1, -2, 1L << 40});
  write(create_dataset(file.id(), "texts", ElementType::text, {3}), std::vector<std::string>{"W2[1,1]", "", "η = β/λ"});
  write(create_dataset(file.id(), "scalar", ElementType::real, {}), std::vector<double>{M_PI});
  save(file);

  const File read_back = open_read_only(path_);
  EXPECT_THAT(dataset_names(read_back.id()), ElementsAre("reals", "integers", "texts", "scalar"));
  EXPECT_EQ(read<double>(open_dataset(read_back.id(), "reals")), reals);
  EXPECT_THAT(shape(open_dataset(read_back.id(), "reals")), ElementsAre(100, 200));
  EXPECT_THAT(read<std::int64_t>(open_dataset(read_back.id(), "integers")), ElementsAre(1, -2, 1L << 40));
  EXPECT_THAT(read<std::string>(open_dataset(read_back.id(), "texts")), ElementsAre("W2[1,1]", "", "η = β/λ"));
  EXPECT_THAT(read<double>(open_dataset(read_back.id(), "scalar")), ElementsAre(M_PI));
}

TEST_F(H5File, AttributesKeepTheirOrderAndTypes) {
  MemoryFile file(path_);
  write_attribute(file.id(), "zeta", std::string("text"));
  write_attribute(file.id(), "alpha", 0.1);
  write_attribute(file.id(), "middle", std::int64_t{7});
  write_attribute(file.id(), "empty", std::string());
  save(file);

  const File read_back = open_read_only(path_);
  EXPECT_THAT(attribute_names(read_back.id()), ElementsAre("zeta", "alpha", "middle", "empty"));
  EXPECT_EQ(read_attribute(read_back.id(), "zeta"), AttributeValue("text"));
  EXPECT_EQ(read_attribute(read_back.id(), "alpha"), AttributeValue(0.1));
  EXPECT_EQ(read_attribute(read_back.id(), "middle"), AttributeValue(std::int64_t{7}));
  EXPECT_EQ(read_attribute(read_back.id(), "empty"), AttributeValue(""));
  EXPECT_FALSE(has_attribute(read_back.id(), "absent"));
}

TEST_F(H5File, LargeDatasetsAreChunkedShuffledDeflatedAndChecksummed) {
  MemoryFile file(path_);
  write(create_dataset(file.id(), "large", ElementType::real, {500, 1000}), std::vector<double>(500000, 1.0));
  write(create_dataset(file.id(), "small", ElementType::real, {10}), std::vector<double>(10, 1.0));
  save(file);

  const File read_back = open_read_only(path_);
  const PropertyList large(H5Dget_create_plist(open_dataset(read_back.id(), "large").id()));
  EXPECT_EQ(H5Pget_nfilters(large.id()), 3);
  EXPECT_GE(H5Pall_filters_avail(large.id()), 1);
  hsize_t chunk[2] = {0, 0};
  H5Pget_chunk(large.id(), 2, chunk);
  EXPECT_EQ(chunk[1], 1000U) << "rows stay together";
  EXPECT_LE(chunk[0] * chunk[1] * sizeof(double), hsize_t{1} << 20);
  EXPECT_LT(std::filesystem::file_size(path_), 100000U);
  const PropertyList small(H5Dget_create_plist(open_dataset(read_back.id(), "small").id()));
  EXPECT_EQ(H5Pget_nfilters(small.id()), 0);
}

TEST_F(H5File, SameContentGivesTheSameBytes) {
  const auto image = [&] {
    MemoryFile file(path_);
    write_attribute(file.id(), "a", std::string("b"));
    write(create_dataset(file.id(), "x", ElementType::real, {20000}), std::vector<double>(20000, 2.0));
    const FileImage bytes = file.finish();
    return std::vector<std::byte>(bytes.bytes().begin(), bytes.bytes().end());
  };
  EXPECT_EQ(image(), image());
}

TEST_F(H5File, ScalesNameTheDimensionsOfADataset) {
  MemoryFile file(path_);
  make_scale(create_placeholder(file.id(), "row", 2), "row");
  make_scale(create_placeholder(file.id(), "column", 0), "column");
  {
    const Dataset x = create_dataset(file.id(), "x", ElementType::real, {2, 0});
    attach_scales(x, {reference_to(file.id(), "row"), reference_to(file.id(), "column")});
  }
  write_scale_users(open_dataset(file.id(), "row"), {{reference_to(file.id(), "x"), 0}});
  save(file);

  const File read_back = open_read_only(path_);
  EXPECT_THAT(scale_names(open_dataset(read_back.id(), "x")), ElementsAre("row", "column"));
  EXPECT_THAT(scale_names(open_dataset(read_back.id(), "row")), ElementsAre("row"));
}

TEST_F(H5File, ErrorsNameActionObjectPathAndReason) {
  EXPECT_THAT(message_of([&] { open_read_only(path_); }),
              AllOf(HasSubstr("cannot open HDF5 file " + path_), HasSubstr("No such file or directory")));
  MemoryFile file(path_);
  save(file);
  const File read_back = open_read_only(path_);
  EXPECT_THAT(message_of([&] { open_dataset(read_back.id(), "absent"); }),
              AllOf(HasSubstr("cannot open dataset 'absent' in " + path_), HasSubstr("doesn't exist")));
  EXPECT_THAT(message_of([&] { read_attribute(read_back.id(), "absent"); }), HasSubstr("attribute 'absent'"));
}

TEST_F(H5File, TruncatedFileIsAnIoErrorWithItsPath) {
  MemoryFile file(path_);
  write(create_dataset(file.id(), "x", ElementType::real, {1000}), std::vector<double>(1000, 2.0));
  save(file);
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  EXPECT_THAT(message_of([&] { open_read_only(path_); }), AllOf(HasSubstr(path_), HasSubstr("truncated file")));
}

TEST_F(H5File, WrongNumberOfValuesIsABug) {
  MemoryFile file(path_);
  const Dataset x = create_dataset(file.id(), "x", ElementType::real, {3});
  EXPECT_THROW(write(x, std::vector<double>{1.0, 2.0}), InternalError);
}

TEST_F(H5File, MovedFromHandlesCloseNothing) {
  MemoryFile file(path_);
  const hid_t location = file.id();
  {
    Dataset first = create_dataset(location, "x", ElementType::real, {1});
    const Dataset second = std::move(first);
    EXPECT_LT(first.id(), 0);  // NOLINT(bugprone-use-after-move): the state after a move is the fact under test
    EXPECT_EQ(H5Fget_obj_count(location, H5F_OBJ_DATASET), 1);
  }
  EXPECT_EQ(H5Fget_obj_count(location, H5F_OBJ_DATASET), 0);
}

}  // namespace
}  // namespace driftwood::h5
