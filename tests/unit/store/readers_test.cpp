#include <gtest/gtest.h>

#include <cstdlib>

#include "unit/store/synthetic.hpp"

namespace driftwood::store {
namespace {

class OtherReaders : public StoreTest {};

TEST_F(OtherReaders, XarrayNcdumpAndH5pyReadTheSameNumbers) {
  std::vector<sweep::SweepPoint> points;
  const auto add = [&](const SyntheticOptions& options, bool written) {
    const results::PointRecord record = synthetic_point(options);
    if (written) write_point(run_, record);
    points.push_back(record.point);
    points.back().index = static_cast<int>(points.size()) - 1;
  };
  add({.id = "aaaa", .n_replicas = 5000}, true);
  add({.id = "bbbb", .learning_rate = "0.04"}, false);
  add({.id = "cccc", .d = 2, .n_snapshots = 4, .closures = {"conditional", "annealed"}, .failed_closure = 1, .learning_rate = "0.08",
       .diverged = true},
      true);
  collect(run_, points);
  EXPECT_TRUE(std::filesystem::exists(run_.points() + "/cccc.xdmf"));
  const std::string script = std::string(DRIFTWOOD_SOURCE_DIR) + "/tests/support/check_netcdf.py";
  const std::string command = "/usr/bin/python3 '" + script + "' '" + run_.path + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

}  // namespace
}  // namespace driftwood::store
