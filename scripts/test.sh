#!/usr/bin/env bash
# Installs what is needed, builds in ./build and runs all tests. Ends non-zero where a test fails;
# the last line printed is "N passed, N failed, N skipped".
#
# Arguments go to ctest: `scripts/test.sh -L base`. Tests of real data run where NETDISSECT_REAL_DATA
# names their folder, and count as skipped elsewhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh
cmake -S . -B build -G Ninja -DNETDISSECT_WERROR=ON -DNETDISSECT_TESTS=ON
cmake --build build

results=$PWD/build/test-results.xml
rm -f "$results"
status=0
ctest --test-dir build --output-on-failure --parallel "${NETDISSECT_TEST_JOBS:-$(nproc)}" \
  --output-junit "$results" "$@" || status=$?

# ctest's own table of results, one <testcase status="..."> for each test.
count() {
  grep --count --extended-regexp "<testcase .* status=\"($1)\"" "$results" || true
}
if [[ ! -f $results ]]; then
  echo "test.sh: expected ctest to write $results, found nothing" >&2
  echo "0 passed, 0 failed, 0 skipped"
  exit 1
fi
passed=$(count run)
failed=$(count fail)
skipped=$(count 'notrun|disabled')
# A run without tests is no success.
if ((status == 0 && (failed > 0 || passed == 0))); then
  status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
