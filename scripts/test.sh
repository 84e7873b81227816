#!/usr/bin/env bash
# Installs what is needed, builds in ./build and runs all tests. Ends non-zero where a test fails;
# the last line printed is "N passed, N failed, N skipped".
#
# Arguments go to ctest: `scripts/test.sh -L base`. Tests of real data run where NETDISSECT_REAL_DATA
# names their folder, and count as skipped elsewhere; so do tests of pages where no browser can be
# installed. NETDISSECT_WERROR=ON makes a warning an error; it is off because a compiler that is not
# known yet may warn of something new.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh
scripts/install.sh --tests ||
  echo "test.sh: no browser or no other engine could be installed: their tests are skipped" >&2
cmake -S . -B build -G Ninja -DNETDISSECT_TESTS=ON \
  -DNETDISSECT_WERROR="${NETDISSECT_WERROR:-OFF}"
cmake --build build
cmake --build build --target benchmarks # so that they do not rot

table=$PWD/build/test-programs.xml # of programs, by ctest; each program's own is beside it
results=$PWD/build/test-results
rm -rf "$table" "$results"
mkdir "$results"
status=0
ctest --test-dir build --output-on-failure --parallel "${NETDISSECT_TEST_JOBS:-$(nproc)}" \
  --output-junit "$table" "$@" || status=$?

if [[ ! -f $table ]]; then
  echo "test.sh: expected ctest to write $table, found nothing" >&2
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi
passed=0 failed=0 skipped=0

# Adds up an attribute of all elements of a kind in a program's table.
sum_of() {
  grep --only-matching "<$2 [^>]*>" "$3" | grep --only-matching " $1=\"[0-9]*\"" |
    tr --complement --delete '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}
while read -r name state; do
  own=$results/$name.xml
  if [[ -f $own ]]; then
    wrong=$(sum_of failures testsuites "$own")
    left_out=$(($(sum_of skipped testsuite "$own") + $(sum_of disabled testsuites "$own")))
    passed=$((passed + $(sum_of tests testsuites "$own") - wrong - left_out))
    skipped=$((skipped + left_out))
    # A program that fails though its tests pass has crashed or leaked at its end.
    if [[ $state != run && $wrong == 0 ]]; then wrong=1; fi
    failed=$((failed + wrong))
  elif [[ $state == run ]]; then
    passed=$((passed + 1))
  elif [[ $state == skipped ]]; then
    skipped=$((skipped + 1))
  else
    failed=$((failed + 1))
  fi
# A test that skipped itself is "notrun", as one is whose program is missing; the line after it says
# which.
done < <(sed --quiet --regexp-extended '/<testcase /{
  N
  s/.*<testcase name="([^"]*)".* status="notrun".*SKIP_RETURN_CODE.*/\1 skipped/p
  t
  s/.*<testcase name="([^"]*)".* status="([^"]*)".*/\1 \2/p
}' "$table")
# A run without tests is no success.
if ((status == 0 && (failed > 0 || passed == 0))); then
  status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
