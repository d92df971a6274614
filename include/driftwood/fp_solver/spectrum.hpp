#pragma once

#include <complex>
#include <optional>
#include <string>
#include <vector>

#include "driftwood/fp/coefficients.hpp"
#include "driftwood/fp/density.hpp"
#include "driftwood/fp/edge_coefficients.hpp"
#include "driftwood/mpi/communicator.hpp"

namespace driftwood::fp_solver {

struct SpectrumOptions {
  int n_rates = 4;           ///< how many relaxation rates
  double tolerance = 1e-10;  ///< of an eigenvalue, relative
  int max_iterations = 200;  ///< restarts of the Krylov-Schur method
  /// Low and high face of every axis in turn; empty: no flux anywhere.
  std::vector<fp::Wall> walls;
  double time = 0;  ///< at which the coefficients are evaluated
};

/// The slow end of a Fokker-Planck operator's spectrum. Without convergence `message` says why, and the rates that did
/// converge are there.
struct Spectrum {
  bool converged = false;
  std::string message;
  /// The stationary density, mass 1, on every rank: to round-off, also how it is shared between basins, as long as
  /// these exchange mass at more than 1e-14 of the grid's fastest rate. With absorbing walls: the quasi-stationary
  /// density, in which survivors are distributed late.
  std::optional<fp::Density> stationary;
  /// Relaxation rates, minus the eigenvalues (other than 0 without absorbing walls; with them the slowest is the rate
  /// of escape), by ascending real part (> 0); complex ones come in pairs, positive imaginary part first. A pair that
  /// would be cut is complete, so there may be n_rates + 1.
  std::vector<std::complex<double>> rates;
  std::vector<double> residuals;  ///< |L x - lambda x| / |lambda x| of each
  /// Every eigenvalue within this distance of 0 is known. One that is farther away but has a smaller real part than the
  /// last of `rates` would turn more than once before it decays.
  double radius = 0;
  long n_iterations = 0;
};

/// Stationary density and slowest relaxation rates of the Fokker-Planck equation (2.2) with the coefficients frozen at
/// options.time, discretised on `grid` in the fixed `frame` (Chang-Cooper flux, equations section
/// 5): the spectrum of the rate matrix whose time evolution solve() computes, of second order in the spacing.
///
/// SLEPc's Krylov-Schur method with shift and invert beside 0, by a direct factorisation where one fits and by GMRES
/// elsewhere; PETSc options are looked up with the prefix "fp_spectrum_". Throws ConfigError for coefficients that are
/// not finite and grids that are too small. Collective.
Spectrum spectrum(const fp::Coefficients& coefficients, const fp::Grid& grid, const fp::Frame& frame,
                  const SpectrumOptions& options, const mpi::Communicator& communicator);

}  // namespace driftwood::fp_solver
