#!/bin/bash
# What docs/evidence/keyword.md says of kws01 from raw sound, and of the time that a DNN at 16 kHz with 40 bands takes.
# The recordings lie in ../shared beside the tree, or in $MOTE_SHARED.
set -eo pipefail
cd "$(dirname "$0")/../.."
mote=$PWD/build/release/mote
shared=${MOTE_SHARED:-$PWD/../shared}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build/release/mote_tests --gtest_filter='KwsFeatures.*'

# Its trained weights decide which kernels fit, so the DNN is trained.
tar -xJf "$shared/data/audio/speech_commands_bed_cat_happy.tar.xz" -C "$work"
for hop in 20 16; do
  "$mote" new "$work/dnn_$hop"
  cat >"$work/dnn_$hop/mote.toml" <<END
[data]
classes = ["bed", "cat", "happy"]
[signal]
hop_ms = $hop
[model]
name = "dnn"
[training]
epochs = 8
quantized_epochs = 2
variants = 1
threads = 1
END
  "$mote" data import "$work/speech_commands" --project "$work/dnn_$hop"
  "$mote" train --project "$work/dnn_$hop"
  "$mote" profile "$work/dnn_$hop/build/model.tflite" --hardware arduino-nano-33-ble --optimize latency
done
