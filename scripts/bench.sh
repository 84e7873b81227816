#!/usr/bin/env bash
# Benchmarks: the matrix kernels' rates, counting masks, lines that wait for the disk, linear
# classifiers of features on the disk (memory with ten times the images beside it), occlusion by
# full passes beside the incremental engine (on architectures with random weights, too), full passes
# beside LibTorch, OpenCV's dnn and, where the folder ONNXRUNTIME has node_modules/onnxruntime-node,
# ONNX Runtime, recording beside the bare forward pass, minimal images beside trying every candidate
# one by one, training beside the bare passes; each pair in one run. With NETDISSECT_REAL_DATA set,
# on the real networks; else on the bundled scene network. Arguments go to the occlusion benchmark.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
cmake -S . -B "$build" -G Ninja >/dev/null
cmake --build "$build" --target benchmarks
"$build/tests/kernel_bench" --benchmark_min_time=0.2
"$build/tests/label_bench" --benchmark_min_time=0.2
(cd "$build" && tests/line_log_bench --benchmark_min_time=0.2)
(cd "$build" && tests/probe_bench 2000 && tests/probe_bench 20000)
for architecture in resnet50 densenet mnasnet mobilenet_v3 efficientnet convnext; do
  "$build/tests/incremental_bench" "$architecture" stage2 stage4 --units 2 --stride 32 --rounds 2
done
forward() {
  [[ ! -x "$build/tests/forward_bench" ]] ||
    "$build/tests/forward_bench" "$@" ${ONNXRUNTIME:+--runtime "$ONNXRUNTIME"}
}
if [[ -n "${NETDISSECT_REAL_DATA:-}" ]]; then
  real=$NETDISSECT_REAL_DATA
  forward "$real/networks/alexnet_imagenet_conv.json" pool5
  forward "$real/networks/squeezenet11_imagenet.json"
  forward "$real/networks/squeezenet11_places365.json"
  "$build/tests/occlusion_bench" "$real/networks/alexnet_imagenet_conv.json" \
    "$real/datasets/imagenet.json" pool1 pool2 conv4 pool5 "$@"
  "$build/tests/occlusion_bench" "$real/networks/alexnet_places100.json" \
    "$real/datasets/places.json" pool1 pool2 conv4 pool5 "$@"
  "$build/tests/occlusion_bench" "$real/networks/squeezenet11_imagenet.json" \
    "$real/datasets/imagenet.json" pool1 fire5/concat fire9/concat "$@"
  "$build/tests/occlusion_bench" "$real/networks/squeezenet11_places365.json" \
    "$real/datasets/places.json" pool1 fire5/concat fire9/concat "$@"
  "$build/tests/record_bench" "$real/networks/alexnet_imagenet_conv.json" \
    "$real/datasets/imagenet.json" pool1 pool2 conv4 pool5
  for segments in annotated auto; do
    "$build/tests/simplify_bench" "$real/networks/squeezenet11_places365.json" \
      "$real/datasets/places.json" --segments $segments
  done
  "$build/tests/train_bench" "$real/datasets/places10.json"
else
  cmake --build "$build" --target netdissect_program
  "$build/netdissect" synth --kind scenes --train 256 --val 64 --out runs/bench >/dev/null
  forward configs/demo/scene_net.json
  "$build/tests/occlusion_bench" configs/demo/scene_net.json runs/bench/scenes.json \
    pool1 pool2 conv4 pool5 "$@"
  "$build/tests/record_bench" configs/demo/scene_net.json runs/bench/scenes.json
  "$build/tests/simplify_bench" configs/demo/scene_net.json runs/bench/scenes.json \
    --segments annotated
  "$build/tests/train_bench" runs/bench/scenes.json
fi
