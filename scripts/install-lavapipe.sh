#!/usr/bin/env bash
# Installs Mesa's lavapipe (a software Vulkan driver) on Debian or Ubuntu when run as root. Dawn needs Mesa 23 or newer:
# Debian 12 has 22.3, and newer ones in its backports only.
# Usage: install-lavapipe.sh [ROOT]; ROOT stands for / in tests.
set -euo pipefail
root=${1:-}
needed=23

# The major version of the lavapipe that is installed, as the package or the driver itself says; 0 where there is none.
mesa_version() {
  local manifest driver version=''
  manifest=$(compgen -G "$root/usr/share/vulkan/icd.d/lvp_icd*.json" | head -n 1) || { echo 0; return; }
  version=$(dpkg-query -W -f='${Version}' mesa-vulkan-drivers 2>/dev/null) || version=''
  if [ -z "$version" ]; then
    driver=$(sed -n 's/.*"library_path"[^"]*"\([^"]*\)".*/\1/p' "$manifest")
    version=$(grep -aoE -m 1 'Mesa [0-9]+\.[0-9]+' "$driver" 2>/dev/null | head -n 1) || version=''
    version=${version#Mesa }
  fi
  version=${version#*:} # an epoch
  version=${version%%.*}
  [[ $version =~ ^[0-9]+$ ]] || version=0
  echo "$version"
}

found=$(mesa_version)
[ "$found" -ge "$needed" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "install-lavapipe: Mesa $needed or newer is needed, found ${found/#0/none}; run this as root on Debian or Ubuntu." >&2
  exit 1
fi
release=$(. "$root/etc/os-release" && echo "${VERSION_CODENAME:-}")
target=()
if [ "$release" = bookworm ]; then
  echo 'deb http://deb.debian.org/debian bookworm-backports main' >"$root/etc/apt/sources.list.d/bookworm-backports.list"
  target=(-t bookworm-backports)
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${target[@]}" mesa-vulkan-drivers libvulkan1 >/dev/null
found=$(mesa_version)
if [ "$found" -lt "$needed" ]; then
  echo "install-lavapipe: Mesa $needed or newer is needed, but this release has $found; SwiftShader is used in its place." >&2
  exit 1
fi
