#!/usr/bin/env bash
# Installs Redis, on which the tests of the queue run beside PostgreSQL, where that is possible without asking. Without it they run on PostgreSQL alone.
set -euo pipefail
if command -v redis-server > /dev/null; then exit 0; fi
if ! command -v apt-get > /dev/null; then
  echo 'apt-get is missing: install redis-server by hand' >&2
  exit 1
fi
run() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
run apt-get install -y --no-install-recommends redis-server || {
  run apt-get update
  run apt-get install -y --no-install-recommends redis-server
}
