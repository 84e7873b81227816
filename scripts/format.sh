#!/usr/bin/env bash
# Formats the C++ sources in place by .clang-format; `--check` changes nothing and ends with 1 where
# a file is not formatted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(-i)
case ${1-} in
  "") ;;
  --check) mode=(--dry-run --Werror) ;;
  *)
    echo "usage: scripts/format.sh [--check]" >&2
    exit 2
    ;;
esac
if ! command -v clang-format >/dev/null; then
  echo "format.sh: expected clang-format (Debian: clang-format), found none" >&2
  exit 1
fi
find include src tests tools -name '*.h' -print0 -o -name '*.cc' -print0 |
  xargs -0 clang-format --style=file "${mode[@]}"
