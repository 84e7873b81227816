#!/usr/bin/env bash
# Benchmarks: the matrix kernels' rates, counting masks, occlusion by full passes beside the
# incremental engine, and minimal images beside trying every candidate one by one, each pair in one
# run. With NETDISSECT_REAL_DATA set, on the real networks; else on the bundled scene network.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
cmake -S . -B "$build" -G Ninja >/dev/null
ninja -C "$build" kernel_bench label_bench record_bench occlusion_bench simplify_bench
"$build/tests/kernel_bench" --benchmark_min_time=0.2
"$build/tests/label_bench" --benchmark_min_time=0.2
if [[ -n "${NETDISSECT_REAL_DATA:-}" ]]; then
  real=$NETDISSECT_REAL_DATA
  "$build/tests/occlusion_bench" "$real/networks/alexnet_imagenet_conv.json" \
    "$real/datasets/imagenet.json" pool1 pool2 conv4 pool5 "$@"
  "$build/tests/occlusion_bench" "$real/networks/alexnet_places100.json" \
    "$real/datasets/places.json" pool1 pool2 conv4 pool5 "$@"
  "$build/tests/occlusion_bench" "$real/networks/squeezenet11_imagenet.json" \
    "$real/datasets/imagenet.json" pool1 fire5/concat fire9/concat "$@"
  "$build/tests/occlusion_bench" "$real/networks/squeezenet11_places365.json" \
    "$real/datasets/places.json" pool1 fire5/concat fire9/concat "$@"
  for segments in annotated auto; do
    "$build/tests/simplify_bench" "$real/networks/squeezenet11_places365.json" \
      "$real/datasets/places.json" --segments $segments
  done
else
  ninja -C "$build" netdissect_program
  "$build/netdissect" synth --kind scenes --train 0 --val 32 --out runs/bench >/dev/null
  "$build/tests/occlusion_bench" configs/demo/scene_net.json runs/bench/scenes.json \
    pool1 pool2 conv4 pool5 "$@"
fi
