#!/usr/bin/env bash
# Everything in Debug, without grouping of sources, under AddressSanitizer and
# UndefinedBehaviorSanitizer, with all tests but those of pages; then clang-tidy over the library and
# the program. Takes hours on 2 cores: to be run before a release, and after a change of what
# threads, pointers or file formats do. Arguments go to ctest: `scripts/sanitize.sh -L nn`.
#
# With SANITIZE_ONLY=build, tests or tidy, one part alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
only=${SANITIZE_ONLY:-build tests tidy}
build=build-sanitize

scripts/install.sh
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_UNITY_BUILD=OFF \
  -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DNETDISSECT_SANITIZE=address,undefined \
  -DNETDISSECT_TESTS=ON >/dev/null

if [[ $only == *build* ]]; then
  cmake --build "$build"
fi

if [[ $only == *tests* ]]; then
  # Leaks of libraries that we cannot mend, and what is allocated once for good.
  suppressions=$PWD/$build/leaks
  printf 'leak:%s\n' libfontconfig libtorch libgomp libprotobuf libtbb libcairo >"$suppressions"
  export LSAN_OPTIONS=suppressions=$suppressions:print_suppressions=0
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
  # LibTorch's and OpenCV's libraries are built without the sanitizers' containers.
  export ASAN_OPTIONS=detect_container_overflow=0:detect_odr_violation=1:allocator_may_return_null=1
  ctest --test-dir "$build" --output-on-failure --label-exclude page \
    --parallel "${NETDISSECT_TEST_JOBS:-$(nproc)}" "$@"
fi

if [[ $only == *tidy* ]]; then
  command -v clang-tidy >/dev/null ||
    { echo "sanitize.sh: expected clang-tidy (Debian: clang-tidy), found none" >&2; exit 1; }
  # Each file with the commands that compile it.
  find src tools -name '*.cc' -print0 |
    xargs -0 -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet --warnings-as-errors='*'
fi
