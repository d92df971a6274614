#include "driftwood/app/solve_problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "driftwood/app/options.hpp"
#include "driftwood/core/error.hpp"

namespace driftwood::app {
namespace {

using testing::HasSubstr;

/// A good problem; settings, from line 11 on, replace its lines.
std::string problem_with(const std::vector<std::string>& settings) {
  std::vector<std::string> lines{"[problem]", "family = ornstein_uhlenbeck", "start_mean = 0, 0", "start_std = 0.5"};
  lines.resize(10, "# nothing");
  for (const std::string& setting : settings) {
    const std::string key = setting.substr(0, setting.find('=') + 1);
    for (std::string& line : lines)
      if (key.size() > 1 && line.rfind(key, 0) == 0) line = "# moved";
    lines.push_back(setting);
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

PosedProblem pose(const std::vector<std::string>& settings) {
  return pose_problem(parse_sweep_text(problem_with(settings), "problem.ini", sweep::Scope::solve));
}

struct BadProblem {
  std::vector<std::string> settings;
  std::vector<std::string> message;
};

const std::vector<BadProblem> bad_problems{
    {{"family ="}, {"problem.family", "a value is missing"}},
    {{"diffusion = 1, 2, 3"}, {"problem.ini:11: problem.diffusion = 1, 2, 3", "4 (the matrix, row by row)"}},
    {{"diffusion = 1, 2; 2, 1"}, {"problem.ini:11: problem.diffusion", "positive semidefinite"}},
    {{"diffusion = 1, 0.2; 0.1, 1"}, {"problem.ini:11: problem.diffusion", "not symmetric"}},
    {{"diffusion = 1, x"}, {"problem.ini:11: problem.diffusion = 1, x", "'x' is not a number", "numbers with commas"}},
    {{"noise = 2"}, {"problem.ini:11: problem.noise", "it has no effect with problem.family = ornstein_uhlenbeck"}},
    {{"family = polynomial_potential"}, {"problem.potential", "needs it"}},
    {{"start_mean = 0, 0, 0", "dimension = 2"}, {"problem.ini:11: problem.start_mean = 0, 0, 0", "there are 2"}},
    {{"start_mean = 1, 2, 3, 4, 5"}, {"problem.ini:11: problem.start_mean", "1 to 4 for each"}},
    {{"start_std = 0"}, {"problem.ini:11: problem.start_std = 0", "is too small"}},
    {{"start_std = 1", "start_covariance = 1, 2; 2, 1"}, {"problem.start_covariance", "not positive definite"}},
    {{"family = geometric_brownian", "dimension = 2"}, {"problem.dimension", "1 dimensions"}},
    {{"snapshot_times = 0.5, 0.5"}, {"problem.ini:11: problem.snapshot_times", "must ascend"}},
    {{"snapshot_times = 0.5, 2"}, {"problem.ini:11: problem.snapshot_times", "comes before 2"}},
    {{"[fokker_planck]", "cells = 32, 32, 32"}, {"fokker_planck.cells = 32, 32, 32", "in dimension 2"}},
    {{"[fokker_planck]", "cells = 4"}, {"fokker_planck.cells = 4", "too small"}},
    {{"[fokker_planck]", "frame = fixed", "walls = absorbing"},
     {"fokker_planck.walls = absorbing", "fokker_planck.low"}},
    {{"[fokker_planck]", "walls = absorbing, no_flux, no_flux"}, {"fokker_planck.walls", "3 words", "or 4"}},
    {{"[fokker_planck]", "low = -1", "high = 1"}, {"problem.ini:12: fokker_planck.low", "fokker_planck.frame = fixed"}},
    {{"[fokker_planck]", "frame = fixed", "low = -1"}, {"problem.ini:13: fokker_planck.low", "needs both"}},
    {{"[fokker_planck]", "frame = fixed", "low = 1, 2, 3", "high = 5"}, {"fokker_planck.low", "in dimension 2"}},
    {{"start_mean = 3, 0", "[fokker_planck]", "frame = fixed", "low = -1", "high = 1"},
     {"problem.ini:11: problem.start_mean = 3, 0", "outside the box"}},
    {{"family = wright_fisher", "start_mean = 0.5", "start_std = 0.05"}, {"wright_fisher lives on [0, 1]"}},
    {{"[fokker_planck]", "tolerance = 0"}, {"max_step > 0"}},
    {{"family = time_dependent", "relaxation_rates = 2"},
     {"problem.ini:12: problem.relaxation_rates = 2", "depend on time"}},
    {{"start_mean = 0", "relaxation_rates = 20", "[fokker_planck]", "cells = 24"},
     {"problem.ini:12: problem.relaxation_rates = 20", "24 cells has at most 16"}},
};

TEST(BadProblems, AreRefusedWithPlaceKeyAndWhatIsAllowed) {
  for (const BadProblem& bad : bad_problems) try {
      pose(bad.settings);
      ADD_FAILURE() << "accepted: " << bad.settings.back();
    } catch (const ConfigError& error) {
      for (const std::string& part : bad.message) EXPECT_THAT(error.what(), HasSubstr(part));
    }
}

TEST(PosedProblems, HaveTheStartThatTheirWordsSay) {
  const PosedProblem posed = pose({"start_mean = 1, 2, 3, 4", "start_std = 0.5, 2", "start_weights = 1, 3"});
  ASSERT_EQ(posed.start.components.size(), 2u);
  EXPECT_EQ(posed.start.components[1].weight, 0.75);
  EXPECT_EQ(posed.start.components[1].gaussian.mean, Eigen::Vector2d(3, 4));
  EXPECT_EQ(posed.start.components[0].gaussian.covariance, Eigen::Matrix2d(Eigen::Vector2d(0.25, 4).asDiagonal()));
  const PosedProblem correlated = pose({"start_std = 1", "start_covariance = 1, 0.5; 0.5, 2"});
  EXPECT_EQ(correlated.start.components[0].gaussian.covariance(0, 1), 0.5);
  EXPECT_EQ(pose({"dimension = 3", "start_mean = 0.5"}).start.mean(), Eigen::Vector3d(0.5, 0.5, 0.5));
}

TEST(PosedProblems, HaveTheTimesThatTheirWordsSay) {
  EXPECT_EQ(pose({"time = 2", "snapshots = 3"}).times, (std::vector<double>{0, 1, 2}));
  EXPECT_EQ(pose({"time = 2", "snapshot_times = 0.5, 2"}).times, (std::vector<double>{0, 0.5, 2}));
  EXPECT_EQ(pose({"time = 2", "snapshot_times = 0.5, 1"}).times, (std::vector<double>{0, 0.5, 1, 2}));
}

TEST(PosedProblems, HaveTheirBoxAndCells) {
  const PosedProblem posed = pose({"[fokker_planck]", "cells = 32, 64", "frame = fixed", "low = -1", "high = 1, 2",
                                   "walls = no_flux, no_flux, absorbing, no_flux"});
  EXPECT_EQ(posed.options.cells, (std::vector<int>{32, 64}));
  EXPECT_EQ(posed.options.low, (std::vector<double>{-1, -1}));
  EXPECT_EQ(posed.options.high, (std::vector<double>{1, 2}));
  using fp_solver::Wall;
  EXPECT_EQ(posed.options.walls, (std::vector<Wall>{Wall::no_flux, Wall::no_flux, Wall::absorbing, Wall::no_flux}));
  EXPECT_TRUE(pose({}).options.walls.empty());
}

TEST(PosedProblems, OfEveryFamilyCanBePosed) {
  for (const fp::Family& family : fp::problem_families()) {
    std::vector<std::string> settings{"family = " + family.name, "start_mean = 0.5",
                                      "dimension = " + std::to_string(std::max(1, family.dimension))};
    if (family.name == "polynomial_potential") settings.emplace_back("potential = w^2");
    if (family.name == "wright_fisher")
      settings.insert(settings.end(), {"[fokker_planck]", "frame = fixed", "low = 0", "high = 1"});
    EXPECT_EQ(pose(settings).problem->dimension(), std::max(1, family.dimension)) << family.name;
  }
}

}  // namespace
}  // namespace driftwood::app
