#!/usr/bin/env bash
# Installs what is needed, builds in ./build and runs all tests. Ends non-zero where a test fails;
# the last line printed is "N passed, N failed, N skipped".
#
# Arguments go to ctest: `scripts/test.sh -L base`. Tests of real data run where NETDISSECT_REAL_DATA
# names their folder, and count as skipped elsewhere. NETDISSECT_WERROR=ON makes a warning an error;
# it is off because a compiler that is not known yet may warn of something new.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh
cmake -S . -B build -G Ninja -DNETDISSECT_TESTS=ON \
  -DNETDISSECT_WERROR="${NETDISSECT_WERROR:-OFF}"
cmake --build build

results=$PWD/build/test-results.xml
rm -f "$results"
status=0
ctest --test-dir build --output-on-failure --parallel "${NETDISSECT_TEST_JOBS:-$(nproc)}" \
  --output-junit "$results" "$@" || status=$?

if [[ ! -f $results ]]; then
  echo "test.sh: expected ctest to write $results, found nothing" >&2
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi
# ctest's own table of results has a <testcase status="..."> for each test. One whose program could
# not be started has "notrun" as one that skipped itself has, and differs in its reason.
count() {
  grep --count --extended-regexp "$1" "$results" || true
}
passed=$(count '<testcase .*status="run"')
skipped=$(count '<skipped message="SKIP_|<testcase .*status="disabled"')
failed=$(($(count '<testcase ') - passed - skipped))
# A run without tests is no success.
if ((status == 0 && (failed > 0 || passed == 0))); then
  status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
