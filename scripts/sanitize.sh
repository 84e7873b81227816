#!/usr/bin/env bash
# Looks for mistakes that tests pass over: to be run before a release, and after a change of what
# threads, pointers or file formats do. Takes hours on 2 cores. Arguments go to ctest:
# `scripts/sanitize.sh -L nn`. Parts, which SANITIZE_ONLY="PART..." chooses:
#   alone     each source by itself, which finds headers that include too little
#   build     Debug, with AddressSanitizer and UndefinedBehaviorSanitizer
#   tests     all tests of that build but those of pages
#   threads   ThreadSanitizer: the tests of the layers that have threads, and of the server
#   valgrind  Memcheck: the tests of the importers
#   tidy      clang-tidy over the library and the program
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
only=" ${SANITIZE_ONLY:-alone build tests threads valgrind tidy} "
jobs=${NETDISSECT_TEST_JOBS:-$(nproc)}

scripts/install.sh --sanitize

# configure FOLDER SANITIZERS OPTION...
configure() {
  cmake -S . -B "$1" -G Ninja -DNETDISSECT_SANITIZE="$2" -DNETDISSECT_TESTS=ON "${@:3}" >/dev/null
}

if [[ $only == *" alone "* ]]; then
  configure build-alone "" -DCMAKE_UNITY_BUILD=OFF -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O0 \
    -DNETDISSECT_WERROR=ON
  cmake --build build-alone
fi

configure build-sanitize address,undefined -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1"

if [[ $only == *" build "* ]]; then
  cmake --build build-sanitize
fi

if [[ $only == *" tests "* ]]; then (
  # Leaks of libraries that we cannot mend, and what is allocated once for good.
  suppressions=$PWD/build-sanitize/leaks
  printf 'leak:%s\n' libfontconfig libtorch libgomp libprotobuf libtbb libcairo >"$suppressions"
  export LSAN_OPTIONS=suppressions=$suppressions:print_suppressions=0
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
  # LibTorch's and OpenCV's libraries are built without the sanitizers' containers.
  export ASAN_OPTIONS=detect_container_overflow=0:detect_odr_violation=1:allocator_may_return_null=1
  ctest --test-dir build-sanitize --output-on-failure --label-exclude page --parallel "$jobs" "$@"
) fi

if [[ $only == *" threads "* ]]; then (
  layers=(base data world nn train probe study)
  configure build-tsan thread -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -g1" \
    -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang
  cmake --build build-tsan --target netdissect_program "${layers[@]/%/_test}"
  # Loops run on LLVM's OpenMP, of which Archer tells the sanitizer who waits for whom. What happens
  # within libraries that were built without the sanitizer it cannot judge.
  OMP_TOOL_LIBRARIES=$(dirname "$(readlink -f "$(command -v clang++)")")/../lib/libarcher.so
  export OMP_TOOL_LIBRARIES
  export TSAN_OPTIONS=ignore_noninstrumented_modules=1:second_deadlock_stack=1
  export TSAN_OPTIONS=$TSAN_OPTIONS:allocator_may_return_null=1
  labels=$(IFS='|' && echo "${layers[*]}|load")
  ctest --test-dir build-tsan --output-on-failure --label-regex "^($labels)$" \
    --parallel "$jobs" "$@"
) fi

if [[ $only == *" valgrind "* ]]; then (
  # An ordinary build: what it sees is what users run.
  configure build ""
  cmake --build build --target nn_test
  cat >build/memcheck <<'END'
{
  the processor's library copies a number onto itself
  Memcheck:Overlap
  fun:__memcpy_chk
  obj:*/libcpuinfo.so*
}
END
  importers=(ReadCaffe CaffeText ReadCaffeFiles CaffeScores GraphFile ImportAxes ModelTest OnnxTest
    OnnxScores SafeTensorsTest TorchScript)
  tests=$(IFS=: && echo "${importers[*]/%/.*}")
  OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 valgrind --quiet --suppressions=build/memcheck \
    --error-exitcode=1 build/tests/nn_test --gtest_brief=1 --gtest_filter="$tests"
) fi

if [[ $only == *" tidy "* ]]; then
  # Folders as they are compiled: headers that all of a folder's files include are read once.
  configure build-tidy "" -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang
  cmake --build build-tidy --target netdissect_schema # headers that others include
  run-clang-tidy -quiet -p build-tidy -j "$jobs" \
    '^(?!.*(/tests/|netdissect_schema|web_files))' \
    >build-tidy/found || {
    cat build-tidy/found
    exit 1
  }
fi
