#include <type_traits>
#include <utility>

#include "archive.hpp"
#include "evolution.hpp"

namespace driftwood::fp_solver {

namespace {

/// What the report counts and measures over the steps, in a fixed order.
template <class Report, class Visit>
void for_each_number(Report& report, const Visit& visit) {
  visit(report.n_steps);
  visit(report.n_rejected);
  visit(report.n_redone);
  visit(report.n_remaps);
  visit(report.n_linear_iterations);
  visit(report.max_cell_peclet);
  visit(report.time_step_error);
  visit(report.max_mass_error);
  visit(report.min_density);
  visit(report.max_wall_mass);
  visit(report.max_added_diffusion);
}

}  // namespace

void Evolution::save(ArchiveWriter& archive) const {
  archive.put(state_.time);
  archive.put(Eigen::MatrixXd(state_.frame.centre));
  archive.put(state_.frame.scale);
  archive.put(communicator_.all_gather(state_.mass));
  archive.put(state_.absorbed);
  archive.put(next_step_);
  archive.put(longest_step_);
  const StepperMemory memory = stepper_->memory();
  archive.put(memory.before_step);
  archive.put(memory.n_steps);
  if (memory.before_step > 0) archive.put(communicator_.all_gather(memory.before));
  for_each_number(report_, [&](const auto& number) { archive.put(static_cast<double>(number)); });
}

void Evolution::restore(ArchiveReader& archive) {
  const int d = grid_.dimension();
  state_.time = archive.get();
  state_.frame.centre = archive.get_matrix(d, 1);
  state_.frame.scale = archive.get_matrix(d, d);
  state_.mass = owned_part(archive.get_values(grid_.n_cells()));
  state_.absorbed = archive.get_values();
  layers_ = layers_of_mass(state_.mass);
  next_step_ = archive.get();
  longest_step_ = archive.get();
  StepperMemory memory;
  memory.before_step = archive.get();
  memory.n_steps = static_cast<int>(archive.get());
  if (memory.before_step > 0) memory.before = owned_part(archive.get_values(grid_.n_cells()));
  stepper_->restore(std::move(memory));
  for_each_number(report_, [&](auto& number) { number = static_cast<std::decay_t<decltype(number)>>(archive.get()); });
}

}  // namespace driftwood::fp_solver
