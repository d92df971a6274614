#include "driftwood/app/version.hpp"

#include <hdf5.h>
#include <mpi.h>
#include <unistd.h>

#include <array>
#include <boost/version.hpp>
#include <cstdlib>
#include <ctime>

#include "driftwood/petsc/session.hpp"
#include "driftwood_version.hpp"

namespace driftwood::app {

namespace {

std::string compiler() {
#ifdef __clang__
  return std::string("Clang ") + __clang_version__;
#else
  return std::string("GCC ") + __VERSION__;
#endif
}

std::string mpi_library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  if (MPI_Get_library_version(text.data(), &length) != MPI_SUCCESS) return "unknown";
  const std::string version(text.data(), static_cast<std::size_t>(length));
  return version.substr(0, version.find_first_of(",\n"));
}

std::string hdf5_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  if (H5get_libversion(&major, &minor, &release) < 0) return "unknown";
  return std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(release);
}

std::string boost_version() {
  return std::to_string(BOOST_VERSION / 100000) + '.' + std::to_string(BOOST_VERSION / 100 % 1000) + '.' +
         std::to_string(BOOST_VERSION % 100);
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace

std::string program_version() {
  return DRIFTWOOD_VERSION;
}

std::string version_text() {
  return "driftwood " + program_version() + "\ngit commit  " DRIFTWOOD_GIT_COMMIT "\ncompiler    " + compiler() +
         "\nMPI         " + mpi_library() + "\nPETSc       " + petsc::version() + "\nHDF5        " + hdf5_version() +
         "\nBoost       " + boost_version() + "\n";
}

std::vector<std::pair<std::string, std::string>> provenance_entries(int n_ranks) {
  std::vector<std::pair<std::string, std::string>> entries{
      {"program_version", program_version()},
      {"git_commit", DRIFTWOOD_GIT_COMMIT},
      {"compiler", compiler()},
      {"mpi_library", mpi_library()},
      {"petsc_version", petsc::version()},
      {"hdf5_version", hdf5_version()},
      {"boost_version", boost_version()},
      {"host", host_name()},
      {"mpi_ranks", std::to_string(n_ranks)},
      {"created", utc_now()},
  };
  if (const char* job = std::getenv("SLURM_JOB_ID")) entries.emplace_back("slurm_job_id", job);
  return entries;
}

}  // namespace driftwood::app
