#!/usr/bin/env bash
# Trains the two bundled networks anew, on the synthetic world alone: scene_net tells the categories
# of scenes, object_net the single objects. Both have AlexNet's geometry at a quarter of its width.
# What comes out goes to configs/demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=${1:-runs/train_demo} # pictures and checkpoints: interrupted, it goes on from there
scripts/install.sh
cmake -S . -B build -G Ninja >&2
cmake --build build --target netdissect_program >&2

build/netdissect synth --train 12000 --val 1600 --out "$work/world"
train() { # KIND EPOCHS
  local kind=$1
  build/netdissect --seed 1 train --images "$work/world/${kind}s.json" --width 0.25 --fc 512 \
    --epochs "$2" --label-smoothing 0.1 --half --resume \
    --name "${kind}_net" --out "$work/${kind}_net"
  mkdir -p configs/demo
  cp "$work/${kind}_net/${kind}_net"{.json,.graph.json,.safetensors,_labels.txt} configs/demo/
}
train scene 20
train object 12
