#!/usr/bin/env bash
# Measures how large a region of the image units really look at (Section 3.2 of the paper, Table 2)
# on a network and pictures made here: nothing is downloaded but Debian packages. The network's
# weights are random, so its numbers say nothing about trained networks.
#
# Results go to runs/demo, or to the folder given as the first argument.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=${1:-runs/demo}
pictures=$out/pictures

scripts/install.sh
cmake -S . -B build -G Ninja >&2
cmake --build build --target netdissect_program >&2

# Pictures with discs, boxes, stripes and gradients, in PNM's text form.
mkdir -p "$pictures"
for number in $(seq 12); do
  awk -v seed="$number" 'BEGIN {
    srand(seed)
    size = 128
    shapes = 6
    for (s = 0; s < shapes; ++s) {
      round[s] = rand() < 0.5
      y[s] = rand() * size; x[s] = rand() * size; radius[s] = 8 + rand() * 24
      period[s] = 2 + int(rand() * 6)
      for (c = 0; c < 3; ++c) { color[s, c] = rand() * 256; other[s, c] = rand() * 256 }
    }
    for (c = 0; c < 3; ++c) { corner[c] = rand() * 128; down[c] = rand(); right[c] = rand() }
    print "P3", size, size, 255
    for (i = 0; i < size; ++i) for (j = 0; j < size; ++j) {
      top = -1
      for (s = 0; s < shapes; ++s) {
        dy = i - y[s]; dx = j - x[s]; if (dy < 0) dy = -dy; if (dx < 0) dx = -dx
        inside = round[s] ? dy * dy + dx * dx < radius[s] * radius[s] : dy < radius[s] && dx < radius[s]
        if (inside) top = s
      }
      for (c = 0; c < 3; ++c) {
        if (top < 0) value = corner[c] + 64 * (down[c] * i + right[c] * j) / size
        else if (int((i + top * j) / period[top]) % 2) value = color[top, c]
        else value = other[top, c]
        print int(value)
      }
    }
  }' >"$pictures/picture_$(printf '%02d' "$number").ppm"
done

build/netdissect rf --network configs/networks/alexnet_random.json --images "$pictures" \
  --layer pool1 --layer pool2 --layer conv4 --layer pool5 --sample 3 --k 4 --out "$out"

cat <<END

The network's weights are random: the table shows that the measurement runs, not what trained
networks see. Its results are in $out:
  rf.json                sizes of the receptive fields, unit by unit, with the images they came from
  table2.csv, table2.tex the table above
  rf/LAYER/unit_*.png    each unit's averaged discrepancy map on its top images (*.npy: as numbers)
  record.json            the images that every unit responds to most
  options.toml           build/netdissect --config $out/options.toml rf  runs the same again
END
