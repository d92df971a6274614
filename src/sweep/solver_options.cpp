#include "solver_options.hpp"

namespace driftwood::sweep {

namespace {

constexpr Bounds not_negative{.low = 0};

}  // namespace

std::vector<Option> fokker_planck_options() {
  return {
      {.section = "fokker_planck",
       .name = "cells",
       .field = [](Settings& s) -> std::vector<int>& { return s.point.fokker_planck.cells; },
       .unit = "cells",
       .bounds = {.low = 8, .high = 1e6, .or_zero = true},
       .help = "of the grid: one number for all axes, or one for each, like 64-128; 0 = 512, 128, 40, 20 in one to "
               "four dimensions",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "frame",
       .field = [](Settings& s) -> std::string& { return s.point.fokker_planck.frame; },
       .choices = {"diagonal", "shifted", "fixed", "full"},
       .help =
           "which parts of the frame follow the density: centre and widths; centre, widths and correlations; centre; "
           "none (equations section 4)",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "z_max",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.z_max; },
       .unit = "widths of the frame",
       .bounds = {.low = 1, .high = 1000},
       .help = "half width of the box",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "stretching",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.stretching; },
       .bounds = {.low = 0, .high = 10},
       .help = "> 0: fine cells in the density's core and coarse ones in its tails; 0 = equal cells",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "support_tail",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.support_tail; },
       .unit = "probability",
       .bounds = {.low = 0, .high = 0.1, .low_is_excluded = true},
       .help = "frame = diagonal, full: the box holds all mass but this on either side of every axis",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "flux",
       .field = [](Settings& s) -> std::string& { return s.point.fokker_planck.flux; },
       .choices = {"automatic", "limited", "chang_cooper", "fourth_order"},
       .help =
           "automatic: limited for one and two weights, fourth_order for more; limited and chang_cooper are the same "
           "where the cell Peclet number is small; where drift dominates, limited is of second order, chang_cooper "
           "upwind (smears by drift * cell / 2); fourth_order: of fourth order where the density is smooth, and the "
           "least smearing of very anisotropic diffusions",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "time_scheme",
       .field = [](Settings& s) -> std::string& { return s.point.fokker_planck.time_scheme; },
       .choices = {"automatic", "modified_patankar", "strang", "backward_euler", "bdf2", "crank_nicolson", "sdirk2"},
       .help = "automatic: modified_patankar for one weight, strang for more; all keep mass and are of order 2 but "
               "backward_euler, of order 1; those three keep positivity at any step; the linear ones need flux = "
               "chang_cooper and redo a step that loses it by modified_patankar",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "tolerance",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.tolerance; },
       .bounds = {.low = 0, .high = 1},
       .help = "of a time step: L1 distance between the second-order solution and the first-order one; 0 = fixed "
               "steps of fokker_planck.max_step",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "max_step",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.max_step; },
       .unit = "time",
       .bounds = not_negative,
       .help = "longest time step; 0 = the snapshots' spacing",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "max_wall_mass",
       .field = [](Settings& s) -> double& { return s.point.fokker_planck.max_wall_mass; },
       .unit = "probability",
       .bounds = {.low = 0, .high = 1, .low_is_excluded = true},
       .help = "mass in the outermost cells at which the box is too small",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "when_wall_is_reached",
       .field = [](Settings& s) -> std::string& { return s.point.fokker_planck.when_wall_is_reached; },
       .choices = {"widen", "fail"},
       .help = "widen the box, or end the solve as failed",
       .scope = Scope::both},
      {.section = "fokker_planck",
       .name = "low",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.low; },
       .help = "with frame = fixed: where the problem's own box begins, one number for all axes or d",
       .defines_point = false,
       .may_be_none = true,
       .may_be_axis = false,
       .scope = Scope::solve},
      {.section = "fokker_planck",
       .name = "high",
       .field = [](Settings& s) -> std::vector<double>& { return s.problem.high; },
       .help = "where it ends",
       .defines_point = false,
       .may_be_none = true,
       .may_be_axis = false,
       .scope = Scope::solve},
      {.section = "fokker_planck",
       .name = "walls",
       .field = [](Settings& s) -> std::vector<std::string>& { return s.problem.walls; },
       .choices = {"no_flux", "absorbing"},
       .help = "of the box low..high: one word for all faces, or 2 d words, the low and the high face of every axis in "
               "turn",
       .defines_point = false,
       .may_be_axis = false,
       .is_sequence = true,
       .scope = Scope::solve},
  };
}

}  // namespace driftwood::sweep
