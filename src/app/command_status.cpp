#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "driftwood/app/commands.hpp"
#include "driftwood/app/load_sweep.hpp"
#include "driftwood/app/progress.hpp"
#include "driftwood/app/report.hpp"
#include "driftwood/store/run_lock.hpp"
#include "driftwood/store/status.hpp"

namespace driftwood::app {

namespace {

/// What was expected of a point (forecast.tsv).
struct Forecast {
  int ranks = 0;
  double seconds = 0;
};

std::map<std::string, Forecast> read_forecast(const store::RunDirectory& run) {
  std::map<std::string, Forecast> points;
  std::ifstream file(run.forecast_file());
  std::string id;
  std::getline(file, id);  // the header
  for (Forecast forecast; file >> id >> forecast.ranks >> forecast.seconds;) points[id] = forecast;
  return points;
}

/// A point as status.tsv and its file tell it.
struct PointStatus {
  const sweep::SweepPoint* point = nullptr;
  std::string state;  ///< waiting, running, interrupted, done, failed, stopped, lost
  store::PointHistory history;
  Forecast forecast;
};

struct RunStatus {
  std::string owners;  ///< who is at work; empty: nobody
  std::vector<PointStatus> points;
  std::map<std::string, long> counts;
  double actual_seconds = 0;     ///< of done points, on their ranks
  double predicted_seconds = 0;  ///< of the same points
  double left_rank_seconds = 0;  ///< predicted, of all others, corrected by what the done ones took
};

/// A line may be older than what happened: a killed run leaves "started", a removed file "done".
std::string state_of(const store::RunDirectory& run, const std::string& id, const std::string& last, bool is_live) {
  std::error_code ignored;
  const bool has_file = std::filesystem::exists(run.point_file(id), ignored);
  if (last == "started" && !has_file) return is_live ? "running" : "interrupted";
  if (last == "done") return has_file ? "done" : "lost";
  if (last == "failed" || last == "stopped") return last;
  return has_file ? "done" : "waiting";
}

void add_times(RunStatus& status) {
  for (const PointStatus& each : status.points) {
    ++status.counts[each.state];
    if (each.state != "done" || each.history.last.state != "done") continue;
    status.actual_seconds += each.history.last.seconds;
    status.predicted_seconds += each.forecast.seconds;
  }
  const double correction = status.predicted_seconds > 0 ? status.actual_seconds / status.predicted_seconds : 1;
  for (const PointStatus& each : status.points)
    if (each.state != "done" && each.state != "failed")
      status.left_rank_seconds += correction * each.forecast.seconds * each.forecast.ranks;
}

RunStatus status_of(const store::RunDirectory& run, const LoadedSweep& sweep) {
  RunStatus status;
  status.owners = store::describe_owners(run);
  const auto history = store::read_status(run);
  const auto forecast = read_forecast(run);
  for (const sweep::SweepPoint& point : sweep.points) {
    PointStatus each{.point = &point, .state = {}, .history = {}, .forecast = {}};
    if (const auto found = history.find(point.id); found != history.end()) each.history = found->second;
    if (const auto found = forecast.find(point.id); found != forecast.end()) each.forecast = found->second;
    each.state = state_of(run, point.id, each.history.last.state, !status.owners.empty());
    status.points.push_back(std::move(each));
  }
  add_times(status);
  return status;
}

std::string table(const RunStatus& status) {
  std::vector<std::vector<std::string>> rows{{"point", "state", "try", "ranks", "took", "predicted", "message"}};
  for (const PointStatus& each : status.points) {
    const store::StatusLine& last = each.history.last;
    const bool has_ended = last.state == "done" || last.state == "failed" || last.state == "stopped";
    rows.push_back({describe_point(*each.point), each.state,
                    each.history.n_attempts > 0 ? std::to_string(each.history.n_attempts) : "-",
                    each.forecast.ranks > 0 ? std::to_string(each.forecast.ranks) : "-",
                    has_ended ? format_duration(last.seconds) : "-", format_duration(each.forecast.seconds),
                    last.message});
  }
  return aligned(rows, rows.front().size());
}

std::string summary(const RunStatus& status) {
  std::string text = status.owners.empty() ? "no run is at work" : "at work: " + status.owners;
  text += "\n" + std::to_string(status.points.size()) + " points:";
  for (const auto& [state, count] : status.counts) text += " " + std::to_string(count) + " " + state;
  if (status.predicted_seconds > 0) {
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "\ndone points took %s, predicted %s: %.2f times the prediction",
                  format_duration(status.actual_seconds).c_str(), format_duration(status.predicted_seconds).c_str(),
                  status.actual_seconds / status.predicted_seconds);
    text += line.data();
  }
  if (status.left_rank_seconds > 0)
    text += "\nleft: about " + format_duration(status.left_rank_seconds) + " of one rank's time";
  return text + "\n";
}

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (static_cast<unsigned char>(c) < ' ') {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
      json += code.data();
    } else {
      json += c;
    }
  }
  return json + "\"";
}

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string json(const PointStatus& each) {
  std::string coordinates;
  for (const auto& [key, value] : each.point->coordinates)
    coordinates += (coordinates.empty() ? "" : ", ") + quoted(key) + ": " + quoted(value);
  const store::StatusLine& last = each.history.last;
  return "{\"index\": " + std::to_string(each.point->index) + ", \"id\": " + quoted(each.point->id) +
         ", \"coordinates\": {" + coordinates + "}, \"state\": " + quoted(each.state) +
         ", \"attempts\": " + std::to_string(each.history.n_attempts) +
         ", \"ranks\": " + std::to_string(each.forecast.ranks) + ", \"seconds\": " + number(last.seconds) +
         ", \"predicted_seconds\": " + number(each.forecast.seconds) + ", \"message\": " + quoted(last.message) + "}";
}

std::string json(const RunStatus& status) {
  std::string counts;
  for (const auto& [state, count] : status.counts)
    counts += (counts.empty() ? "" : ", ") + quoted(state) + ": " + std::to_string(count);
  std::string points;
  for (const PointStatus& each : status.points) points += (points.empty() ? "\n  " : ",\n  ") + json(each);
  return "{\"at_work\": " + (status.owners.empty() ? "null" : quoted(status.owners)) + ", \"counts\": {" + counts +
         "}, \"done_seconds\": " + number(status.actual_seconds) +
         ", \"done_predicted_seconds\": " + number(status.predicted_seconds) +
         ", \"left_rank_seconds\": " + number(status.left_rank_seconds) + ",\n \"points\": [" + points + "]}\n";
}

}  // namespace

ExitCode status_command(const CommandLine& line, const mpi::Communicator& world) {
  mpi::agree(world, [&] {
    if (!world.is_root()) return;
    const store::RunDirectory run{line.operand};
    const LoadedSweep sweep = read_run(run);
    const RunStatus status = status_of(run, sweep);
    print(line.has("json") ? json(status) : table(status) + "\n\n" + summary(status), world);
  });
  return ExitCode::success;
}

}  // namespace driftwood::app
