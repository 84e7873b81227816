#!/usr/bin/env bash
# Opens up the two bundled networks: how large a region of the image their units really look at
# (Section 3.2 of the paper, Table 2), which objects the scene network's units find (Section 4), and
# how little of a picture keeps its class (Section 3.1). Both networks were trained on the synthetic
# world, whose pictures are rendered here: nothing is downloaded but Debian packages.
#
# Results go to runs/demo, or to the folder given as the first argument.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=${1:-runs/demo}

scripts/install.sh
cmake -S . -B build -G Ninja >&2
cmake --build build --target netdissect_program >&2

netdissect() {
  echo "+ netdissect $*" >&2
  build/netdissect "$@"
}

netdissect rf --network scene_net --network object_net \
  --images world_scenes --images world_objects \
  --layer pool1 --layer pool2 --layer conv4 --layer pool5 --sample 24 --out "$out/rf"
netdissect annotate auto --layer pool5 --out "$out/labels" >"$out/labels.txt"
netdissect segment --layer pool5 --best 8 --labels "$out/labels" --record "$out/labels" \
  --out "$out/segment"
netdissect localize --layer pool5 --images world_scenes --limit 8 --labels "$out/labels" \
  --record "$out/labels" --fields "$out/rf" --out "$out/localize" >"$out/localize.txt"
netdissect simplify --limit 8 --segments annotated --out "$out/simplify" >"$out/simplify.txt"

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
