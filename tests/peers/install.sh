#!/usr/bin/env bash
# Installs what some tests talk through besides .NET: Node's `ws`, Python's `websockets`, and Chromium.
# Without them those tests skip, and say so.
set -euo pipefail
cd "$(dirname "$0")"

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
packages=()
command -v node > /dev/null || packages+=(nodejs npm)
/usr/bin/python3 -c 'import websockets' 2> /dev/null || packages+=(python3-websockets)
command -v chromium chromium-browser google-chrome > /dev/null || packages+=(chromium)
if [ "${#packages[@]}" -gt 0 ]; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

npm ci --silent --no-audit --no-fund
