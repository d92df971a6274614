#include "driftwood/store/claims.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "driftwood/store/commit.hpp"
#include "driftwood/store/owner_file.hpp"

namespace driftwood::store {

int Claims::last_number(const std::string& id) const {
  int number = 0;
  std::error_code ignored;
  while (std::filesystem::exists(run_.claim_file(id, number + 1), ignored)) ++number;
  return number;
}

bool Claims::is_held(const std::string& id, int number) const {
  std::ifstream file(run_.claim_file(id, number));
  std::string name;
  std::getline(file, name);
  const std::string path = run_.jobs() + "/" + name;
  const std::optional<Owner> owner = read_owner(path);
  return owner && is_alive(path, *owner);
}

Claims::Answer Claims::claim(const std::string& id) const {
  std::error_code ignored;
  const auto has_file = [&] { return std::filesystem::exists(run_.point_file(id), ignored); };
  // The file appears before its claim loses its meaning: look for it last.
  const int number = last_number(id);
  if (number > 0 && is_held(id, number)) return Answer::taken;
  if (has_file() && check_point(run_, id).complete) return Answer::done;
  return create_once(run_.claim_file(id, number + 1), name_ + "\n") ? Answer::mine : Answer::taken;
}

void Claims::give_back(const std::string& id) const {
  ::unlink(run_.claim_file(id, last_number(id)).c_str());
}

void remove_claims(const RunDirectory& run) {
  std::error_code ignored;
  if (!std::filesystem::remove(run.jobs(), ignored)) return;  // jobs left no trace, or are there
  for (const auto& entry : std::filesystem::directory_iterator(run.points(), ignored))
    if (entry.path().filename().string().find(".claim.") != std::string::npos) ::unlink(entry.path().c_str());
}

}  // namespace driftwood::store
