#include "driftwood/h5/check.hpp"

#include <vector>

#include "driftwood/core/error.hpp"

namespace driftwood::h5 {

namespace {

/// Keeps the first entry it is given: walking upward, that is the innermost one, where the cause is.
herr_t keep_innermost(unsigned n, const H5E_error2_t* entry, void* reason) {
  if (n == 0 && entry->desc != nullptr) *static_cast<std::string*>(reason) = entry->desc;
  return 0;
}

/// HDF5's reason for the failure just seen. Any further HDF5 call clears it.
std::string reason_of_failure() {
  std::string reason;
  if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &reason) < 0 || reason.empty())
    reason = "HDF5 gives no reason";
  return reason;
}

std::string name_from(ssize_t (*get_name)(hid_t, char*, std::size_t), hid_t id) {
  const ssize_t length = get_name(id, nullptr, 0);
  if (length <= 0) return "?";
  std::vector<char> name(length + 1);
  get_name(id, name.data(), name.size());
  return {name.data(), static_cast<std::size_t>(length)};
}

}  // namespace

void silence() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::int64_t check(std::int64_t result, const char* action, hid_t owner, const std::string& object) {
  if (result >= 0) return result;
  const std::string reason = reason_of_failure();
  const std::string what = object.empty() ? name_from(H5Iget_name, owner) : object;
  throw IoError(std::string("cannot ") + action + " '" + what + "' in " + name_from(H5Fget_name, owner) + ": " + reason);
}

std::int64_t check_file(std::int64_t result, const char* action, const std::string& path) {
  if (result >= 0) return result;
  throw IoError(std::string("cannot ") + action + " " + path + ": " + reason_of_failure());
}

std::int64_t check_library(std::int64_t result, const char* action) {
  if (result >= 0) return result;
  throw LibraryError(std::string("HDF5 cannot ") + action + ": " + reason_of_failure());
}

}  // namespace driftwood::h5
