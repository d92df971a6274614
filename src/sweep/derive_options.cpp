#include "derive_options.hpp"

namespace driftwood::sweep {

std::vector<Option> derive_options() {
  return {
      {.section = "derive",
       .name = "with_run",
       .field = [](Settings& s) -> bool& { return s.derive.with_run; },
       .help = "whether `driftwood run` derives the Callan-Symanzik flow and the KPZ balance of every point (equations "
               "sections 7 and 8) after it is committed; `driftwood derive` does it later, for the closures that need "
               "no more than the point's file",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "derive",
       .name = "operators",
       .field = [](Settings& s) -> std::string& { return s.derive.operators; },
       .choices = {"monomials", "hermite", "powers"},
       .help = "of (7.1): all monomials or products of Hermite polynomials up to derive.degree, or derive.powers",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "derive",
       .name = "degree",
       .field = [](Settings& s) -> int& { return s.derive.degree; },
       .bounds = {.low = 1, .high = 10},
       .help = "largest total degree of the operators",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "derive",
       .name = "powers",
       .field = [](Settings& s) -> std::string& { return s.derive.powers; },
       .help =
           "for derive.operators = powers: the powers of u1, u2, .. of one operator after another, like 2 0; 1 1; 0 2",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "derive",
       .name = "field",
       .field = [](Settings& s) -> std::string& { return s.derive.field; },
       .choices = {"renormalised", "bare"},
       .help =
           "u of the operators: renormalised, u = (w - m) / zeta with the ensemble's mean and standard deviations at "
           "every snapshot; bare, u = w",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "derive",
       .name = "bootstrap",
       .field = [](Settings& s) -> int& { return s.derive.bootstrap; },
       .bounds = {.low = 2, .high = 10000},
       .help =
           "bootstrap samples of the replicas behind the standard errors of couplings, beta functions and anomalous "
           "dimensions",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "derive",
       .name = "delay",
       .field = [](Settings& s) -> double& { return s.derive.delay; },
       .unit = "training time",
       .bounds = {.low = 0},
       .help = "tau of the n-point functions (7.2), less where the density leaves its place sooner; 0 = none",
       .defines_point = false,
       .may_be_axis = false},
  };
}

}  // namespace driftwood::sweep
