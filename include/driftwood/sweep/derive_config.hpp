#pragma once

#include <string>

namespace driftwood::sweep {

/// How the Callan-Symanzik and KPZ equations are evaluated on a point's densities and ensemble (equations.md sections 7
/// and 8). None of it defines the point.
struct DeriveConfig {
  bool with_run = false;                ///< as the last stage of a point's run
  std::string operators = "monomials";  ///< monomials | hermite | powers
  int degree = 4;                       ///< total degree of monomials and hermite
  std::string powers;                   ///< "2 0; 1 1; 0 2"
  std::string field = "renormalised";   ///< renormalised | bare
  int bootstrap = 100;                  ///< samples behind the ensemble's errors
  double delay = 0.5;                   ///< of the n-point functions, in training time; 0: none
};

}  // namespace driftwood::sweep
