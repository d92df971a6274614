#include <gmock/gmock.h>

#include "driftwood/h5/dataset.hpp"
#include "driftwood/h5/dimension_scale.hpp"
#include "driftwood/h5/file.hpp"
#include "unit/store/synthetic.hpp"

namespace driftwood::store {
namespace {

using testing::ElementsAre;
using testing::IsNan;

class Collect : public StoreTest {
 protected:
  /// Three points: d = 1 and two closures; absent; d = 2, a failed closure and one more snapshot.
  Collect() {
    SyntheticOptions first{.id = "aaaa"};
    SyntheticOptions second{.id = "bbbb", .learning_rate = "0.04"};
    SyntheticOptions third{.id = "cccc",
                           .d = 2,
                           .n_snapshots = 4,
                           .closures = {"conditional", "annealed"},
                           .failed_closure = 1,
                           .learning_rate = "0.08"};
    int index = 0;
    for (const SyntheticOptions& options : {first, second, third}) {
      const results::PointRecord record = synthetic_point(options);
      points_.push_back(record.point);
      points_.back().index = index++;
      if (options.id != "bbbb") write_point(run_, record);
    }
  }

  std::vector<double> reals(const std::string& name) {
    const h5::File file = h5::open_read_only(run_.sweep_file());
    return h5::read<double>(h5::open_dataset(file.id(), name));
  }
  std::vector<std::string> texts(const std::string& name) {
    const h5::File file = h5::open_read_only(run_.sweep_file());
    return h5::read<std::string>(h5::open_dataset(file.id(), name));
  }

  std::vector<sweep::SweepPoint> points_;
};

TEST_F(Collect, PutsPointsClosuresAndSnapshotsOnCommonAxes) {
  collect(run_, points_);
  EXPECT_THAT(texts("closure"), ElementsAre("fixed", "annealed", "conditional"));
  EXPECT_THAT(texts("status"), ElementsAre("done", "missing", "failed"));
  EXPECT_THAT(texts("point_id"), ElementsAre("aaaa", "bbbb", "cccc"));
  EXPECT_THAT(reals("learning_rate"), ElementsAre(0.02, 0.04, 0.08));
  EXPECT_THAT(texts("activation"), ElementsAre("tanh", "tanh", "tanh"));
  const h5::File file = h5::open_read_only(run_.sweep_file());
  const h5::Dataset distance = h5::open_dataset(file.id(), "weights_wasserstein1");
  EXPECT_THAT(h5::scale_names(distance), ElementsAre("point", "closure", "snapshot", "w"));
  EXPECT_THAT(h5::shape(distance), ElementsAre(3, 3, 4, 2));
  const std::vector<double> values = h5::read<double>(distance);
  const auto at = [&](int point, int closure, int snapshot, int k) {
    return values[((point * 3 + closure) * 4 + snapshot) * 2 + k];
  };
  EXPECT_EQ(at(0, 0, 2, 0), distance_at(0, 2, 0));
  EXPECT_EQ(at(0, 2, 1, 0), distance_at(1, 1, 0)) << "the file's second closure is the third of the union";
  EXPECT_EQ(at(2, 2, 3, 1), distance_at(0, 3, 1));
  EXPECT_THAT(at(0, 0, 0, 1), IsNan()) << "no second weight";
  EXPECT_THAT(at(0, 0, 3, 0), IsNan()) << "no fourth snapshot";
  EXPECT_THAT(at(0, 1, 0, 0), IsNan()) << "no such closure";
  EXPECT_THAT(at(1, 0, 0, 0), IsNan()) << "no such point";
  EXPECT_THAT(at(2, 1, 1, 0), IsNan()) << "its solve had failed";
}

TEST_F(Collect, SummaryRowsAreTheWorstPlaces) {
  const std::vector<SummaryRow> rows = collect(run_, points_);
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].closure, "fixed");
  EXPECT_EQ(rows[0].distance, distance_at(0, 1, 0)) << "the floor is smallest at snapshot 1";
  EXPECT_EQ(rows[0].floor, floor_at(1));
  EXPECT_DOUBLE_EQ(rows[0].ratio, distance_at(0, 1, 0) / floor_at(1));
  EXPECT_DOUBLE_EQ(rows[0].output_ratio, 3.0);
  EXPECT_EQ(rows[0].alike, "3/3");
  EXPECT_EQ(rows[0].outputs_alike, "2/3");
  EXPECT_EQ(rows[2].status, "missing");
  EXPECT_THAT(rows[2].ratio, IsNan());
  EXPECT_EQ(rows[2].alike, "-");
  EXPECT_EQ(rows[3].closure, "conditional");
  EXPECT_EQ(rows[3].distance, distance_at(0, 1, 1)) << "the second weight is the worse one";
  EXPECT_EQ(rows[4].status, "not converged");
  EXPECT_DOUBLE_EQ(rows[4].output_ratio, 1.0);
  EXPECT_EQ(rows[4].coordinates[0].second, "0.08");
}

TEST_F(Collect, DamagedPointIsMissingAndSaysWhy) {
  std::string bytes = bytes_of(run_.point_file("aaaa"));
  bytes[bytes.size() / 3] ^= 1;
  write_bytes(run_.point_file("aaaa"), bytes);
  collect(run_, points_);
  EXPECT_EQ(texts("status")[0], "missing");
  EXPECT_THAT(texts("message")[0], testing::HasSubstr("damaged"));
}

TEST_F(Collect, SweptKeysWithTakenNamesGetTheirSection) {
  for (sweep::SweepPoint& point : points_)
    point.coordinates = {{"training.time", "5"}, {"a.x", "1"}, {"b.x", "one"}, {"seed", "7"}};
  collect(run_, points_);
  EXPECT_THAT(reals("training_time"), ElementsAre(5, 5, 5));
  EXPECT_THAT(reals("a_x"), ElementsAre(1, 1, 1));
  EXPECT_THAT(texts("b_x"), ElementsAre("one", "one", "one"));
  EXPECT_THAT(reals("seed"), ElementsAre(7, 7, 7));
}

TEST_F(Collect, WorksWithoutAnyPointFile) {
  std::filesystem::remove_all(run_.points());
  const std::vector<SummaryRow> rows = collect(run_, points_);
  EXPECT_EQ(rows.size(), 3U);
  EXPECT_THAT(inspect(run_.sweep_file()), testing::HasSubstr("0 done 0 failed 3 missing"));
}

TEST_F(Collect, CollectingAgainGivesTheSameBytes) {
  collect(run_, points_);
  const std::string first = bytes_of(run_.sweep_file());
  collect(run_, points_);
  EXPECT_EQ(first, bytes_of(run_.sweep_file()));
}

}  // namespace
}  // namespace driftwood::store
