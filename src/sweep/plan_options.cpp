#include "plan_options.hpp"

namespace driftwood::sweep {

std::vector<Option> plan_options() {
  return {
      {.section = "sweep",
       .name = "combine",
       .field = [](Settings& s) -> std::string& { return s.sweep.combine; },
       .help =
           "how axes are combined: keys, zip(..) (the first values of all, the second values, ...) and product(..) "
           "(every combination), nested as you like, with commas between them; axes that are not named are combined "
           "with each other and with what is written as a product. Sampled axes are zipped unless they are named. "
           "Example: zip(training.learning_rate, training.time)",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "sweep",
       .name = "filter",
       .field = [](Settings& s) -> std::string& { return s.sweep.filter; },
       .help = "only points where it is true: keys, numbers, words, + - * / ^, log exp sqrt abs min max, "
               "< <= > >= == !=, and or not. Example: training.learning_rate * training.batch_size <= 0.5",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "sweep",
       .name = "points_file",
       .field = [](Settings& s) -> std::string& { return s.sweep.points_file; },
       .help = "CSV file of points: a row of keys, then rows of their values; one more factor, combined with the axes "
               "as a product unless sweep.combine names it. A relative path starts where data.file's does",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "sweep",
       .name = "sampling",
       .field = [](Settings& s) -> std::string& { return s.sweep.sampling; },
       .choices = {"random", "latin", "sobol"},
       .help = "how uniform(..), loguniform(..) and normal(..) are sampled: independent draws, a Latin hypercube, or "
               "Sobol's sequence with a random digital shift. random and sobol keep their first points where n grows",
       .defines_point = false,
       .may_be_axis = false},
      {.section = "sweep",
       .name = "seed",
       .field = [](Settings& s) -> std::uint32_t& { return s.sweep.seed; },
       .bounds = {.low = 0, .high = 4294967295.0},
       .help = "of the sampled axes; run.seed is that of the training",
       .defines_point = false,
       .may_be_axis = false},
  };
}

}  // namespace driftwood::sweep
