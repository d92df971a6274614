#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>

namespace driftwood::h5 {

/// Turns HDF5's own printing of errors off: check() reports them. Files are opened and created through this adapter,
/// which calls it first.
void silence();

/// The one place where HDF5's return codes are checked. Gives `result` back unless it is negative; then throws IoError
/// "cannot <action> '<object>' in <path>: <HDF5's innermost reason>". `owner` is any open id in the file (it gives the path);
/// an empty `object` means owner itself.
std::int64_t check(std::int64_t result, const char* action, hid_t owner, const std::string& object = {});

/// The same for calls that concern a whole file: "cannot <action> <path>: <reason>".
std::int64_t check_file(std::int64_t result, const char* action, const std::string& path);

/// The same for calls that touch no file (datatypes, dataspaces, property lists): throws LibraryError.
std::int64_t check_library(std::int64_t result, const char* action);

}  // namespace driftwood::h5
