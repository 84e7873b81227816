#!/usr/bin/env bash
# Installs the Debian packages that building and testing need; with --tests, those of the tests in a
# browser, of schemas and of comparisons with other engines too, and axe-core; with --package, --fuzz
# or --sanitize, those of the script of that name. Nothing is done, and no network needed, where all
# of them are there already.
set -euo pipefail

packages=(
  g++ cmake ninja-build ccache pkg-config
  libtorch-dev libopenblas0-pthread # the reference BLAS is many times slower
  libopencv-dev libcli11-dev nlohmann-json3-dev libspdlog-dev libfmt-dev libssl-dev
  libprotobuf-dev protobuf-compiler libonnx-dev
  libtomlplusplus-dev libpugixml-dev libcpp-httplib-dev libgtest-dev libbenchmark-dev
  libcairo2-dev fonts-dejavu-core # plots and captions, and letters for them
)
case ${1-} in
  "") ;;
  --tests)
    packages+=(chromium chromium-driver python3-selenium)
    packages+=(libopenmpi-dev openmpi-bin) # processes that share their work
    packages+=(liblinear-dev python3-sklearn libonnx-testdata) # independent engines
    packages+=(python3-jsonschema dpkg-dev file)
    "$(dirname "${BASH_SOURCE[0]}")/fetch_axe.sh" >/dev/null ||
      echo "install.sh: no axe-core: pages are not searched for what keeps people out" >&2
    ;;
  --package) packages+=(dpkg-dev file) ;;
  --fuzz) packages+=(clang libclang-rt-dev) ;;
  --sanitize) packages+=(clang libclang-rt-dev libomp-dev clang-tidy valgrind) ;;
  *)
    echo "usage: scripts/install.sh [--tests | --package | --fuzz | --sanitize]" >&2
    exit 2
    ;;
esac

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "install.sh: to install packages, expected root or sudo, found neither;" \
      "missing: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

install_packages() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "${missing[@]}"
}

echo "Installing ${missing[*]}" >&2
# The lists of packages are fetched only where those at hand, if any, do not serve. What is
# printed is no result, hence on standard error.
{
  if ! "${as_root[@]}" apt-get install --simulate --no-install-recommends "${missing[@]}" \
    >/dev/null 2>&1 || ! install_packages; then
    "${as_root[@]}" apt-get update
    install_packages
  fi
} >&2
