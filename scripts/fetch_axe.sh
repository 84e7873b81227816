#!/usr/bin/env bash
# Fetches axe-core, with which tests of pages look for what keeps people out, into the user's cache
# and prints where it is. It is a package of npm; where there is no npm, curl fetches the same file.
set -euo pipefail

version=4.10.3
digest=880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb # of axe.min.js
folder=${XDG_CACHE_HOME:-$HOME/.cache}/netdissect
script=$folder/axe-core-$version.min.js

is_whole() {
  sha256sum --check --status <<<"$digest  $1"
}

if [[ -f $script ]] && is_whole "$script"; then
  echo "$script"
  exit 0
fi
mkdir -p "$folder"
work=$(mktemp -d "$folder/axe-XXXXXX")
trap 'rm -rf "$work"' EXIT
archive=axe-core-$version.tgz
if command -v npm >/dev/null; then
  npm pack --silent --pack-destination "$work" "axe-core@$version" >&2
elif command -v curl >/dev/null; then
  curl --fail --silent --show-error --location --output "$work/$archive" \
    "https://registry.npmjs.org/axe-core/-/$archive"
else
  echo "fetch_axe.sh: expected npm or curl, found neither" >&2
  exit 1
fi
tar --extract --gzip --file "$work/$archive" --directory "$work" package/axe.min.js
if ! is_whole "$work/package/axe.min.js"; then
  echo "fetch_axe.sh: axe-core $version: expected the digest $digest, found another" >&2
  exit 1
fi
mv "$work/package/axe.min.js" "$script"
echo "$script"
