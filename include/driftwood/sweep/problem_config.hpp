#pragma once

#include <string>
#include <vector>

namespace driftwood::sweep {

/// A Fokker-Planck problem of the user's own, for `driftwood solve`: the section [problem], and the box with walls that
/// only such a problem has. The numbers' meaning by family: share/doc/problems.md.
struct ProblemConfig {
  std::string family;
  int dimension = 0;  ///< 0 = the family's, or as many as start_mean has numbers
  std::string file;   ///< table: HDF5 file of coefficients
  std::vector<double> drift_matrix{1};
  std::vector<double> centre{0};
  std::vector<double> diffusion{1};
  std::string potential;
  double coupling = 0;
  double stiffness = 1;
  double friction = 1;
  double frequency = 1;
  double modulation = 0.5;
  std::vector<double> velocity{0};
  double noise = 1;
  double growth = 0;
  std::vector<double> mutation{1};

  std::vector<double> start_mean{0};
  std::vector<double> start_std{1};
  std::vector<double> start_covariance;  ///< empty: from start_std
  std::vector<double> start_weights{1};

  double time = 1;
  int snapshots = 11;
  std::vector<double> snapshot_times;  ///< empty: equally spaced

  int relaxation_rates = 0;  ///< how many are computed after the solve

  std::vector<double> low;  ///< of the section [fokker_planck]
  std::vector<double> high;
  std::vector<std::string> walls{"no_flux"};
};

}  // namespace driftwood::sweep
