#!/usr/bin/env bash
# What is installed works from where it is: program, man page, completion, module file, and the CMake package that another project finds.
# usage: install.sh BUILD_DIR
set -euo pipefail
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "FAILED: $1"; cat "$scratch/log"; exit 1; }
prefix=$scratch/prefix
cmake --install "$build" --prefix "$prefix" > "$scratch/log" 2>&1 || fail "cmake --install"
"$prefix/bin/driftwood" --version > "$scratch/log" 2>&1 || fail "the installed program does not run"
grep -q "^prepend-path PATH \"$prefix/bin\"" "$prefix"/share/modulefiles/driftwood/* || fail "the module file has another prefix"
grep -q '^\.SH "\?EXIT STATUS' "$prefix/share/man/man1/driftwood.1" || fail "the man page"
for command in $("$prefix/bin/driftwood" help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'); do
  [ "$command" = help ] || grep -q "$command\|${command/-/\\\\-}" "$prefix/share/man/man1/driftwood.1" || fail "the man page lacks $command"
done
PATH=$prefix/bin:$PATH bash -c 'source "$0/share/bash-completion/completions/driftwood"
  compopt() { :; }
  COMP_WORDS=(driftwood run --training.learning_ra); COMP_CWORD=2; _driftwood; [ "${COMPREPLY[*]}" = "--training.learning_rate=" ]' \
  "$prefix" || fail "the completion does not know a key"
mkdir "$scratch/consumer"
cat > "$scratch/consumer/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C CXX)
find_package(driftwood 0.1 REQUIRED)
add_executable(consumer main.cpp)
target_compile_features(consumer PRIVATE cxx_std_20)
target_link_libraries(consumer PRIVATE driftwood::sweep)
CMAKE
cat > "$scratch/consumer/main.cpp" <<'CPP'
#include <driftwood/sweep/schedule.hpp>
int main() { return driftwood::sweep::make_schedule({1, 2, 3}, 2, 0).size() == 1 ? 0 : 1; }
CPP
{ cmake -S "$scratch/consumer" -B "$scratch/consumer/build" -DCMAKE_PREFIX_PATH="$prefix" &&
  cmake --build "$scratch/consumer/build"; } > "$scratch/log" 2>&1 || fail "another project cannot use the package"
"$scratch/consumer/build/consumer" || fail "another project's program does something else"
