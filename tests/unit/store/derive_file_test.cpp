#include "driftwood/store/derive_file.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>

#include "driftwood/core/error.hpp"
#include "driftwood/store/commit.hpp"
#include "driftwood/store/stored_point.hpp"
#include "unit/store/synthetic.hpp"

namespace driftwood::store {
namespace {

using testing::ElementsAre;

class DeriveFile : public StoreTest {};

results::DeriveRecord record_of(const std::string& id) {
  results::DeriveRecord record;
  record.id = id;
  record.tracked_names = {"W2[1,1]"};
  record.times = {0, 0.5};
  record.operators = {"u", "u^2"};
  record.truncations = {1, 2};
  record.sources = {"ensemble", "fixed"};
  record.status = {"ok", "ok"};
  record.field_centre = {0.5, 0.6};
  record.field_scale = {0.1, 0.2};
  for (const results::DerivedQuantity& quantity : results::derived_quantities())
    record.values.emplace_back(4 * record.row_size(quantity), 0.25);
  return record;
}

TEST_F(DeriveFile, HasEveryQuantityOfEverySourceAndSnapshot) {
  write_derive(run_, record_of("aa"));
  const std::string path = derive_file(run_, "aa");
  EXPECT_EQ(check_seal(path), Seal::intact);
  const NetcdfFile file(path);
  EXPECT_EQ(file.text_attribute("file_kind"), "derive");
  int n_quantities = 0;
  std::map<std::string, std::vector<std::string>> dimensions_of;
  for (const NetcdfFile::Entry& entry : file.variables()) {
    dimensions_of[entry.name] = entry.dimensions;
    if (entry.dimensions.size() >= 2 && entry.dimensions[0] == "source") ++n_quantities;
  }
  EXPECT_THAT(dimensions_of["coupling"], ElementsAre("source", "snapshot", "operator"));
  EXPECT_THAT(dimensions_of["npoint_residual"], ElementsAre("source", "snapshot", "order", "truncation"));
  // Without profiles those of the cells are left out.
  const auto is_of_cells = [](const results::DerivedQuantity& quantity) {
    return std::ranges::find(quantity.dimensions, "cell1") != quantity.dimensions.end();
  };
  const auto& quantities = results::derived_quantities();
  EXPECT_EQ(n_quantities, std::ranges::count_if(quantities, std::not_fn(is_of_cells)));
}

TEST_F(DeriveFile, IsReplacedByTheNext) {
  write_derive(run_, record_of("aa"));
  results::DeriveRecord next = record_of("aa");
  next.operators = {"He1(u)", "He2(u)"};
  write_derive(run_, next);
  EXPECT_THAT(h5::read<std::string>(h5::open_dataset(NetcdfFile(derive_file(run_, "aa")).id(), "operator")),
              ElementsAre("He1(u)", "He2(u)"));
}

TEST(DerivedRow, RefusesWhatDoesNotFit) {
  const results::DeriveRecord record = record_of("aa");
  results::DerivedRow row(record);
  row.set("coupling", {1, 2});
  EXPECT_EQ(row.flat()[1], 2);
  EXPECT_TRUE(std::isnan(row.flat()[2]));
  EXPECT_THROW(row.set("coupling", {1}), InternalError);
  EXPECT_THROW(row.set("couplings", {1, 2}), InternalError);
}

TEST_F(DeriveFile, AStoredPointGivesItsEnsembleAndDensitiesBack) {
  const SyntheticOptions options{.d = 2, .shear = 0.1};
  const results::PointRecord written = synthetic_point(options);
  write_point(run_, written);
  const StoredPoint stored(run_, options.id);
  EXPECT_EQ(stored.times(), written.ensemble.times);
  EXPECT_EQ(stored.steps(), written.ensemble.steps);
  EXPECT_EQ(stored.n_replicas(), options.n_replicas);
  EXPECT_EQ(stored.closures(), options.closures);
  EXPECT_EQ(stored.at_snapshot("drift", 2), written.ensemble.drift(2));
  const std::vector<fp::Density>& expected = written.closures[1].densities;
  const std::vector<fp::Density> densities = stored.densities(1, expected[0].grid.z_max, 0);
  ASSERT_EQ(densities.size(), expected.size());
  for (std::size_t s = 0; s < expected.size(); ++s) {
    EXPECT_EQ(densities[s].grid.cells, expected[s].grid.cells);
    EXPECT_EQ(densities[s].p, expected[s].p);
    EXPECT_LT((densities[s].frame.centre - expected[s].frame.centre).norm(), 1e-14);
    // The file has one z_max for all.
    const Eigen::MatrixXd box = densities[s].frame.scale * densities[s].grid.z_max;
    EXPECT_LT((box - expected[s].frame.scale * expected[s].grid.z_max).norm(), 1e-14);
  }
  EXPECT_THROW(StoredPoint(run_, "00000000000000bb"), IoError);
}

}  // namespace
}  // namespace driftwood::store
