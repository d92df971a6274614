#pragma once

#include <memory>
#include <span>
#include <vector>

namespace driftwood::fp {

/// Drift b_i(w, t) and diffusion D_ij(w, t) of the Fokker-Planck equation (2.2), evaluated at any point: a pure
/// function, the same on every rank.
class Coefficients {
 public:
  virtual ~Coefficients() = default;
  /// d, 1..4.
  virtual int dimension() const = 0;
  /// Whether evaluate() may give other values at another time.
  virtual bool depends_on_time() const { return true; }
  /// At time t and n points. `w`: n x d, row-major; `drift`: n x d; `diffusion`: n x packed_size(d) (core/packed.hpp).
  virtual void evaluate(double t, std::span<const double> w, std::span<double> drift,
                        std::span<double> diffusion) const = 0;
};

/// Drift and diffusion on a tensor grid of nodes at one time. Inside: drift by cubic (Catmull-Rom) and diffusion by
/// linear interpolation along each axis (a convex combination, so D stays positive semidefinite). Outside the nodes:
/// the drift goes on linearly where its slope pulls back and as a constant where it would push away, the diffusion as a
/// constant.
struct CoefficientTable {
  std::vector<std::vector<double>> nodes;  ///< per axis, ascending, equally spaced, at least 2 (4 for cubic)
  std::vector<double> drift;               ///< nodes(last axis fastest) x d
  std::vector<double> diffusion;           ///< nodes x packed_size(d)

  int dimension() const { return static_cast<int>(nodes.size()); }
  std::size_t n_nodes() const;
  /// Coordinates of all nodes: n_nodes x d, last axis fastest.
  std::vector<double> points() const;
};

/// Tables at several times (constant before the first and after the last). Between them the drift is the cubic through
/// the four tables around t, the diffusion linear, which keeps it positive semidefinite. Each table may have its own
/// nodes.
class TabulatedCoefficients : public Coefficients {
 public:
  TabulatedCoefficients(std::vector<double> times, std::vector<CoefficientTable> tables);
  int dimension() const override;
  void evaluate(double t, std::span<const double> w, std::span<double> drift,
                std::span<double> diffusion) const override;
  const std::vector<double>& times() const { return times_; }
  const std::vector<CoefficientTable>& tables() const { return tables_; }

 private:
  std::vector<double> times_;
  std::vector<CoefficientTable> tables_;
};

}  // namespace driftwood::fp
