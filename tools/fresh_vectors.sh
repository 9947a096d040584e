#!/usr/bin/env bash
# New random vectors of every operator from TensorFlow Lite Micro, replayed on the host. Prints the seed, which
# MOTE_SEED=<seed> repeats. Skips where the wheels are not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x build/venv/bin/python ]; then echo "fresh vectors: skipped, no build/venv (the wheels could not be reached)"; exit 0; fi
folder=build/fresh_vectors
rm -rf "$folder"
build/venv/bin/python tools/vectors/generate.py --fresh "$folder" ${MOTE_SEED:+--seed "$MOTE_SEED"}
MOTE_FRESH_VECTORS=$PWD/$folder build/release/mote_tests --gtest_brief=1 --gtest_filter='Vectors.FreshOnesToo'
