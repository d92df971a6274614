#include "driftwood/store/point_content.hpp"

#include "driftwood/core/error.hpp"
#include "driftwood/store/store.hpp"

namespace driftwood::store {

namespace {

std::string joined(const std::vector<std::pair<std::string, std::string>>& coordinates) {
  std::string text;
  for (const auto& [key, value] : coordinates) text += (text.empty() ? "" : "; ") + key + " = " + value;
  return text;
}

void add_root_attributes(NetcdfContent& content, const results::PointRecord& record) {
  content.add_attribute("title", "driftwood sweep point: weights under training, theory against experiment");
  content.add_attribute("Conventions", "CF-1.8");
  content.add_attribute("file_kind", "point");
  content.add_attribute("schema_version", std::int64_t{schema_version});
  content.add_attribute("status", record.status);
  content.add_attribute("message", record.message);
  content.add_attribute("id", record.point.id);
  content.add_attribute("sweep_coordinates", joined(record.point.coordinates));
  for (const auto& [key, value] : record.point.canonical) content.add_attribute(key, value);
  for (const auto& [key, value] : record.provenance.entries) content.add_attribute(key, value);
}

void add_scalars(NetcdfContent& content, const results::PointRecord& record) {
  const results::EnsembleRecord& ensemble = record.ensemble;
  content.add(
      variable({"n_replicas", "1", "number of trained replicas"}, {}, std::vector<std::int64_t>{ensemble.n_replicas}));
  content.add(variable({"n_diverged", "1", "number of replicas set aside because they diverged"}, {},
                       std::vector<std::int64_t>{static_cast<std::int64_t>(ensemble.diverged_replica.size())}));
  content.add(variable({"n_train_samples", "1", "number of samples to train on"}, {},
                       std::vector<std::int64_t>{ensemble.n_train_samples}));
  content.add(variable({"n_test_samples", "1", "number of samples held out"}, {},
                       std::vector<std::int64_t>{ensemble.n_test_samples}));
  content.add(
      variable({"training_seconds", "s", "wall time of the training"}, {}, std::vector<double>{ensemble.seconds}));
  content.add(variable({"replica_steps_per_second", "s-1", "training speed: replicas times steps per second"}, {},
                       std::vector<double>{ensemble.replica_steps_per_second}));
  content.add(
      variable({"point_seconds", "s", "wall time of the whole point"}, {}, std::vector<double>{record.seconds}));
}

}  // namespace

NetcdfContent point_content(const results::PointRecord& record) {
  NetcdfContent content;
  add_root_attributes(content, record);
  add_ensemble(content, record.ensemble);
  add_ensemble_moments(content, record.ensemble);
  add_scalars(content, record);
  if (!record.closures.empty()) {
    add_closures(content, record);
    add_densities(content, record);
    add_comparisons(content, record);
  }
  return content;
}

}  // namespace driftwood::store
