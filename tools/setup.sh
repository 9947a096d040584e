#!/usr/bin/env bash
# Installs what mote needs (tools/packages.txt) and makes build/venv (tools/requirements.txt).
# Runs as root or through sudo, prints every command that changes the machine, and does nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

show() { echo "+ $*" >&2; "$@"; }
as_root() {
  if [ "$(id -u)" = 0 ]; then show "$@"
  elif command -v sudo >/dev/null; then show sudo "$@"
  else echo "setup: not root and no sudo; run as root: $*" >&2; exit 1
  fi
}

# Packages.
mapfile -t wanted < <(sed 's/#.*//; s/[[:space:]]*$//' tools/packages.txt | grep .)
installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^ii  *//p' || true)
mapfile -t missing < <(comm -23 <(printf '%s\n' "${wanted[@]}" | sort) <(sort -u <<<"$installed"))
if [ ${#missing[@]} = 0 ]; then
  echo "setup: all ${#wanted[@]} packages are there"
else
  echo "setup: ${#missing[@]} of ${#wanted[@]} packages are missing: ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

# Python environment. Whatever needs it skips, with a word, when it cannot be made.
venv=build/venv
stamp=$venv/requirements.txt
if cmp -s tools/requirements.txt "$stamp"; then
  echo "setup: $venv is there"
elif [ -n "$(find build/venv_unreachable -mmin -60 2>/dev/null)" ]; then
  echo "setup: skipped $venv (the wheels could not be reached within the last hour): checks against the wheels will skip"
else
  mkdir -p build
  show python3 -m venv --clear "$venv"
  if show "$venv/bin/pip" install -q --disable-pip-version-check --only-binary :all: \
       --timeout 15 --retries 2 -r tools/requirements.txt; then
    cp tools/requirements.txt "$stamp"
    echo "setup: $venv made"
  else
    rm -rf "$venv"
    touch build/venv_unreachable
    echo "setup: skipped $venv (the wheels cannot be reached): checks against the wheels will skip"
  fi
fi
