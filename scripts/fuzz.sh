#!/usr/bin/env bash
# Looks for files that make the program crash, hang or take all memory: each target (tests/fuzz) for
# some minutes, with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer. Needs clang 14 or
# later (Debian: clang). What is found is in build-fuzz/found/TARGET; made small, it belongs into
# tests/corpus/TARGET.
#
#   scripts/fuzz.sh MINUTES [TARGET...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
minutes=${1:?usage: scripts/fuzz.sh MINUTES [TARGET...]}
shift
build=build-fuzz
fuzzer=$PWD/$build/tests/netdissect_fuzz

scripts/install.sh --fuzz
cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang \
  -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="-O1 -g1" -DNETDISSECT_TESTS=ON \
  -DNETDISSECT_SANITIZE=fuzzer-no-link,address,undefined >/dev/null
cmake --build "$build" --target netdissect_fuzz

export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
# LibTorch's and OpenCV's libraries are built without the sanitizers' containers. Too large an
# allocation is an exception, as without sanitizers.
export ASAN_OPTIONS=detect_container_overflow=0:detect_odr_violation=0:allocator_may_return_null=0
export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

targets=("$@")
mapfile -t all < <(NETDISSECT_FUZZ_SEEDS=$build/seeds "$fuzzer")
((${#targets[@]})) || targets=("${all[@]}")

printf '%-16s %12s %8s %8s\n' target executions exec/s crashes
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target" "$build/found/$target"
  kept=()
  [[ -d tests/corpus/$target ]] && kept=("tests/corpus/$target")
  log=$build/found/$target.log
  # After a crash it goes on until its time is over, each time from what it has learnt.
  : >"$log"
  end=$((SECONDS + minutes * 60))
  while ((SECONDS < end)); do
    NETDISSECT_FUZZ=$target "$fuzzer" "$build/corpus/$target" "$build/seeds/$target" \
      "${kept[@]}" -max_total_time=$((end - SECONDS)) -timeout=20 -rss_limit_mb=2500 \
      -malloc_limit_mb=1500 -max_len=65536 -print_final_stats=1 \
      -artifact_prefix="$build/found/$target/" >>"$log" 2>&1 || true
  done
  executions=$(awk '/number_of_executed_units/ {n += $2} END {print n + 0}' "$log")
  printf '%-16s %12d %8d %8d\n' "$target" "$executions" $((executions / (minutes * 60))) \
    "$(find "$build/found/$target" -type f | wc -l)"
done
