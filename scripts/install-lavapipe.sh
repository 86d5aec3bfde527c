#!/usr/bin/env bash
# Installs Mesa's lavapipe (a software Vulkan driver) on Debian or Ubuntu when run as root.
# Dawn needs Mesa 23 or newer; Debian 12 has that in its backports only.
set -euo pipefail
compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' >/dev/null && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 1
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
if [ "$release" = bookworm ]; then
  echo 'deb http://deb.debian.org/debian bookworm-backports main' >/etc/apt/sources.list.d/bookworm-backports.list
  target=(-t bookworm-backports)
else
  target=()
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${target[@]}" mesa-vulkan-drivers libvulkan1 >/dev/null
