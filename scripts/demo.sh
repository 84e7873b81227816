#!/usr/bin/env bash
# Opens up the two bundled networks by every experiment of the paper (configs/demo/study.json). Both
# were trained on the synthetic world, whose pictures are rendered here: nothing is downloaded but
# Debian packages.
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

cat <<END

Results are in $out; begin with the pictures:
  rf/table2.csv                          the table above: sizes of receptive fields, pixels
  rf/scene_net/rf/pool5/unit_*.png       what each unit looks at, on the images it likes most
  labels/labels/best_units.png           units that find an object, with the truth beside them
  segment/segment/pool5/*.png            images segmented by single units
  localize/localize/*.png                scene and objects of a picture from one forward pass
  simplify/images/*.html                 how little of a picture keeps its class, step by step
The same on your own network and pictures: README.md, "My own network and images".
END
