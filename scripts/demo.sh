#!/usr/bin/env bash
# The whole paper on the two bundled networks (configs/demo/study.json), and one page to read about
# it. Both networks were trained on the synthetic world, whose pictures are rendered here: nothing is
# downloaded but Debian packages.
#
# Results go to runs/demo, or to the folder given as the first argument. What is there already is
# kept, and an interrupted run goes on where it was.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=${1:-runs/demo}

scripts/install.sh
cmake -S . -B build -G Ninja >&2
cmake --build build --target netdissect_program >&2

build/netdissect reproduce demo --out "$out"

echo "The same on your own networks and pictures: README.md, \"The whole paper, and its report\"."
