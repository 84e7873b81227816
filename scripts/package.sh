#!/usr/bin/env bash
# Builds a Debian package of the program, for the release of Debian that this runs on, in ./build,
# and prints its path: `apt-get install ./netdissect_*.deb` installs it with what it depends on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install.sh --package
cmake -S . -B build -G Ninja >&2
cmake --build build --target netdissect_program >&2
rm -f build/netdissect_*.deb
cpack --config build/CPackConfig.cmake -G DEB -B build >&2
echo build/netdissect_*.deb
