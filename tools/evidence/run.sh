#!/usr/bin/env bash
# Both evidence tables; says what is missing where they cannot be made.
set -uo pipefail
cd "$(dirname "$0")/../.."
data=${MOTE_SHARED:-../shared}/mlperf_tiny
if [ ! -x build/venv/bin/python ]; then echo "evidence: skipped, no build/venv (the wheels could not be reached)"; exit 0; fi
if [ ! -d "$data" ]; then echo "evidence: skipped, no $data"; exit 0; fi
build/venv/bin/python tools/evidence/exactness.py && build/venv/bin/python tools/evidence/accuracy.py
