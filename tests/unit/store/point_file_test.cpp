#include <gmock/gmock.h>

#include "driftwood/core/error.hpp"
#include "driftwood/h5/dataset.hpp"
#include "driftwood/h5/dimension_scale.hpp"
#include "driftwood/h5/file.hpp"
#include "unit/store/synthetic.hpp"

namespace driftwood::store {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;

class PointFile : public StoreTest {
 protected:
  std::string write(const SyntheticOptions& options) {
    write_point(run_, synthetic_point(options));
    return run_.point_file(options.id);
  }

  static std::vector<double> reals(const h5::File& file, const std::string& name) {
    return h5::read<double>(h5::open_dataset(file.id(), name));
  }
  static std::vector<std::string> texts(const h5::File& file, const std::string& name) {
    return h5::read<std::string>(h5::open_dataset(file.id(), name));
  }
  static std::vector<std::string> dimensions(const h5::File& file, const std::string& name) {
    return h5::scale_names(h5::open_dataset(file.id(), name));
  }
};

TEST_F(PointFile, HoldsTheEnsembleAsRecorded) {
  const SyntheticOptions options{.d = 2, .diverged = true};
  const results::EnsembleRecord expected = synthetic_point(options).ensemble;
  const h5::File file = h5::open_read_only(write(options));
  EXPECT_THAT(dimensions(file, "weights"), ElementsAre("snapshot", "replica", "w"));
  EXPECT_THAT(dimensions(file, "diffusion"), ElementsAre("snapshot", "replica", "ww"));
  EXPECT_THAT(texts(file, "w"), ElementsAre("W2[1,1]", "W2[1,2]"));
  EXPECT_THAT(texts(file, "ww"), ElementsAre("W2[1,1] W2[1,1]", "W2[1,1] W2[1,2]", "W2[1,2] W2[1,2]"));
  EXPECT_EQ(reals(file, "time"), expected.times);
  const auto all_snapshots = [](const results::PerSnapshot& array) {
    std::vector<double> all;
    for (std::size_t s = 0; s < 3; ++s) {
      const std::vector<double> one = array(s);
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  };
  EXPECT_EQ(reals(file, "loss"), all_snapshots(expected.loss));
  EXPECT_EQ(reals(file, "diffusion"), all_snapshots(expected.diffusion));
  const std::vector<double> weights = reals(file, "weights");
  ASSERT_EQ(weights.size(), 3U * 5 * 2);
  EXPECT_EQ(weights[(2 * 5 + 4) * 2 + 1], weight_at(2, 4, 1));
  EXPECT_THAT(weights[(1 * 5 + 1) * 2], IsNan());
  EXPECT_THAT(h5::read<std::int64_t>(h5::open_dataset(file.id(), "diverged_replica")), ElementsAre(1));
  EXPECT_NEAR(reals(file, "ensemble_mean")[2], 1 + 0.01 * (0 + 2 + 3 + 4) / 4.0, 1e-14)
      << "the diverged one is left out";
}

TEST_F(PointFile, HoldsDensitiesAtTheirPlacesInW) {
  const h5::File file = h5::open_read_only(write({.d = 2}));
  EXPECT_THAT(dimensions(file, "density"), ElementsAre("closure", "snapshot", "cell1", "cell2"));
  const std::vector<double> density = reals(file, "density");
  ASSERT_EQ(density.size(), 2U * 3 * 64);
  EXPECT_EQ(density[64 + 9], 109.0);
  // The third snapshot's box is twice as wide: same z, twice the scale.
  const std::vector<double> z = reals(file, "z1"), centre = reals(file, "frame_centre"),
                            scale = reals(file, "frame_scale");
  const std::vector<double> w1 = reals(file, "w1_centre");
  EXPECT_DOUBLE_EQ(z[0], -7 + 14.0 / 16);
  EXPECT_THAT(dimensions(file, "frame_scale"), ElementsAre("closure", "snapshot", "w", "w_column"));
  EXPECT_DOUBLE_EQ(scale[2 * 4], 0.5);
  for (int s = 0; s < 3; ++s)
    for (int i = 0; i < 8; ++i)
      EXPECT_NEAR(w1[s * 8 + i], centre[s * 2] + scale[s * 4] * z[i], 1e-13) << "w = m + S z, snapshot " << s;
}

TEST_F(PointFile, HoldsTheMarginalsOfDensitiesInShearedFrames) {
  const SyntheticOptions options{.d = 2, .failed_closure = 1, .shear = 0.1};
  const h5::File file = h5::open_read_only(write(options));
  EXPECT_THAT(dimensions(file, "w2_centre"), ElementsAre("closure", "snapshot", "bin2"));
  EXPECT_THAT(dimensions(file, "marginal12"), ElementsAre("closure", "snapshot", "bin1", "bin2"));
  const std::vector<double> edge1 = reals(file, "w1_edge"), edge2 = reals(file, "w2_edge");
  const std::vector<double> plane = reals(file, "marginal12"), line = reals(file, "marginal2"),
                            first = reals(file, "marginal1");
  const std::size_t n1 = edge1.size() / 6 - 1, n2 = edge2.size() / 6 - 1;
  ASSERT_EQ(plane.size(), 6 * n1 * n2);
  EXPECT_GT(n2, n1) << "the sheared axis reaches farther";
  for (int s = 0; s < 3; ++s) {
    const fp::Density density = synthetic_density(2, s, options.shear);
    double of_plane = 0, of_line = 0, mean = 0;
    for (std::size_t j = 0; j < n2; ++j) {
      const double width = edge2[s * (n2 + 1) + j + 1] - edge2[s * (n2 + 1) + j];
      const double mass = line[s * n2 + j] * width;
      of_line += mass;
      mean += mass * (edge2[s * (n2 + 1) + j] + width / 2);
      for (std::size_t i = 0; i < n1; ++i)
        of_plane += plane[(s * n1 + i) * n2 + j] * width * (edge1[s * (n1 + 1) + i + 1] - edge1[s * (n1 + 1) + i]);
    }
    EXPECT_NEAR(of_line, density.mass(), 1e-10 * density.mass());
    EXPECT_NEAR(of_plane, density.mass(), 1e-10 * density.mass());
    // The plane summed over the second weight is the first one's marginal.
    for (std::size_t i = 0; i < n1; ++i) {
      double along = 0;
      for (std::size_t j = 0; j < n2; ++j)
        along += plane[(s * n1 + i) * n2 + j] * (edge2[s * (n2 + 1) + j + 1] - edge2[s * (n2 + 1) + j]);
      EXPECT_NEAR(along, first[s * n1 + i], 1e-9 * density.mass()) << i;
    }
    const double centre = density.frame.centre[1];
    EXPECT_NEAR(mean / density.mass(), centre + (density.mean()[1] - centre) / density.mass(), 0.02);
  }
  EXPECT_THAT(plane[4 * n1 * n2], IsNan()) << "the second closure failed after its first snapshot";
}

TEST_F(PointFile, MissingSnapshotsOfAFailedClosureAreNaN) {
  const h5::File file = h5::open_read_only(write({.failed_closure = 1}));
  EXPECT_THAT(texts(file, "closure_status"), ElementsAre("ok", "not converged"));
  for (const char* name : {"density", "frame_scale", "anomalous_dimension", "theory_std", "weights_wasserstein1",
                           "weights_wasserstein1_floor", "outputs_sliced_wasserstein1"}) {
    const std::vector<double> all = reals(file, name);
    const std::size_t per_snapshot = all.size() / 6;
    const std::vector<double> present(all.begin(), all.begin() + static_cast<long>(4 * per_snapshot));
    const std::vector<double> absent(all.begin() + static_cast<long>(4 * per_snapshot), all.end());
    EXPECT_THAT(present, Each(testing::Not(IsNan()))) << name;
    EXPECT_THAT(absent, Each(IsNan())) << name;
  }
  EXPECT_THAT(check_point(run_, SyntheticOptions{}.id).why_not, HasSubstr("status 'failed'"));
}

TEST_F(PointFile, HoldsWhatTheConditionalClosureRestsOn) {
  const h5::File file = h5::open_read_only(write({.d = 2}));
  EXPECT_THAT(dimensions(file, "conditional_drift_band"), ElementsAre("snapshot", "node", "w"));
  EXPECT_THAT(dimensions(file, "conditional_diffusion"), ElementsAre("snapshot", "node", "ww"));
  EXPECT_EQ(reals(file, "conditional_drift_band").back(), 0.5);
  EXPECT_THAT(reals(file, "conditional_carried"), ElementsAre(0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0));
  EXPECT_THAT(reals(file, "conditional_explained"), ElementsAre(0.75, 0.75, 0.75, 0.75, 0.75, 0.75));
  EXPECT_THAT(reals(file, "conditional_mass_beyond"), ElementsAre(0.02, 0.02, 0.02));
  const h5::File without = h5::open_read_only(write({.closures = {"fixed"}}));
  EXPECT_THAT(h5::dataset_names(without.id()), testing::Not(testing::Contains("conditional_w")));
}

TEST_F(PointFile, HasNoClosureVariablesWithoutClosures) {
  const h5::File file = h5::open_read_only(write({.closures = {}}));
  EXPECT_THAT(h5::dataset_names(file.id()),
              testing::Not(testing::Contains(testing::AnyOf("closure", "density", "output"))));
  EXPECT_TRUE(check_point(run_, SyntheticOptions{}.id).complete);
}

TEST_F(PointFile, APointThatFailedBeforeTrainingCanBeWritten) {
  results::PointRecord record;
  record.point.id = "0123";
  record.status = "failed";
  record.message = "no data";
  write_point(run_, record);
  EXPECT_FALSE(check_point(run_, "0123").complete);
  EXPECT_THAT(inspect(run_.point_file("0123")), HasSubstr("no data"));
}

TEST_F(PointFile, WritingTwiceGivesTheSameBytes) {
  const std::string first = bytes_of(write({.d = 2}));
  EXPECT_EQ(first, bytes_of(write({.d = 2})));
}

TEST_F(PointFile, ArraysThatDoNotFitAreRefused) {
  results::PointRecord record = synthetic_point();
  record.ensemble.drift = [](std::size_t) { return std::vector<double>(4, 0.0); };
  EXPECT_THROW(write_point(run_, record), InternalError);
  EXPECT_THAT(files(), testing::IsEmpty());
}

TEST_F(PointFile, DescriptionNamesContentUnitsRangesAndVerdicts) {
  const std::string text = inspect(write({.failed_closure = 1}));
  for (const char* part : {"driftwood point file", "checksum: intact", "training.learning_rate", "4-1-1-4", "snapshot",
                           "density(closure, snapshot, cell1)", "probability density", "0 .. 207", "not converged",
                           "step 17: the linear solver gave up", "[s]"})
    EXPECT_THAT(text, HasSubstr(part));
}

}  // namespace
}  // namespace driftwood::store
