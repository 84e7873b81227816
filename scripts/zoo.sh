#!/usr/bin/env bash
# Today's architectures against PyTorch: every classifier and segmentation network of Debian's
# torchvision, with random weights and made-up batch statistics, is exported as ONNX and as
# TorchScript, read, compared in every layer on two photographs, and occluded by the incremental
# engine and by full passes. Prints a table. Takes hours on 2 cores; with names, these alone:
#
#   scripts/zoo.sh resnet18 efficientnet_b0
#
# NETDISSECT_REAL_DATA is a folder with places/list.txt and the photographs it names. ENGINE_LAYERS
# (4; 0: none) layers are occluded by OCCLUDERS (64) patches. Lines of JSON are kept in OUT.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${NETDISSECT_REAL_DATA:?expected a folder with places/list.txt}"
python=/usr/bin/python3
out=${OUT:-build/zoo}
layers=${ENGINE_LAYERS:-4}

"$python" -c 'import torchvision, onnx, PIL' 2>/dev/null || {
  echo "zoo.sh: expected Debian's python3-torchvision, python3-onnx and python3-pil, found none:" \
    "apt-get install python3-torchvision python3-onnx python3-pil" >&2
  exit 1
}
cmake --build build --target zoo_check >&2
mkdir -p "$out"
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT

if (($# == 0)); then
  mapfile -t names < <("$python" tests/zoo/export.py --list)
else
  names=("$@")
fi
: >"$out/zoo.jsonl"
for name in "${names[@]}"; do
  echo "zoo.sh: $name" >&2
  "$python" tests/zoo/export.py "$files" "$name" >&2
  for form in onnx pt; do
    options=()
    # Both forms give one graph: the engine is measured on one of them.
    if ((layers > 0)) && [[ $form == onnx ]]; then
      options=(--engine "$layers" --occluders "${OCCLUDERS:-64}")
    fi
    build/tests/zoo_check "$files/$name.$form" "$files/$name.safetensors" "${options[@]}" \
      >>"$out/zoo.jsonl" || true
  done
  rm -f "$files/$name".*
done
"$python" tests/zoo/table.py "$out/zoo.jsonl"
