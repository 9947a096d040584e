#!/usr/bin/env bash
# Everything that must pass before a change lands. Says what it does, goes on after a failure, and ends with one line of
# totals: tests of ctest and the other steps together.
#   MOTE_QUICK=1  leaves out what takes minutes: the sanitizer build, clang, fuzzing
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0 failures=()
began=$SECONDS

# Runs one step: its output is shown when it fails.
step() {
  local name=$1 log; shift
  log=$(mktemp)
  local start=$SECONDS
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1)); printf 'ok      %4d s  %s\n' $((SECONDS - start)) "$name"
  else
    failed=$((failed + 1)); failures+=("$name")
    tail -n 60 "$log" | sed 's/^/    /'; printf 'FAILED  %4d s  %s\n' $((SECONDS - start)) "$name"
  fi
  rm -f "$log"
}

build() { cmake --preset "$1" && cmake --build --preset "$1"; }

# Of a ctest log, what the failed tests said.
show_failed() {
  awk '/^ *[0-9]+\/[0-9]+ Test +#/ { on = /\*\*\*(Failed|Exception|Timeout|Not Run)/ } / Start / { on = 0 } on' "$1" | tail -n 200
}

# The tests of the release build, each counted.
run_ctest() {
  local start=$SECONDS log=build/release/ctest.txt
  ctest --preset release -j"$(nproc)" >"$log" 2>&1
  local total bad skip
  total=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#' "$log" || true)
  bad=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#.*(\*\*\*(Failed|Exception|Timeout|Not Run))' "$log" || true)
  skip=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#.*\*\*\*Skipped' "$log" || true)
  passed=$((passed + total - bad - skip)); failed=$((failed + bad)); skipped=$((skipped + skip))
  if [ "$total" = 0 ]; then failed=$((failed + 1)); failures+=("ctest found no tests"); tail -n 20 "$log"; fi
  if [ "$bad" != 0 ]; then failures+=("ctest: see $log"); show_failed "$log"; fi
  printf '%s  %4d s  ctest: %d tests, %d failed, %d skipped\n' "$([ "$bad" = 0 ] && echo 'ok    ' || echo 'FAILED')" \
    $((SECONDS - start)) "$total" "$bad" "$skip"
}

# Host tests under the sanitizers, split over the cores. Emulated boards run in the release build only: the emulator is
# not ours to sanitize.
run_sanitized() {
  local shards pids=() i status=0
  shards=$(nproc)
  for ((i = 0; i < shards; i++)); do
    GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$i "build/$1/mote_tests" --gtest_brief=1 --gtest_filter='-*Emulat*:*Board*:*Armv*:*Mve*:*Rv32*:CompileSources*:Tflm*:ProfileModel*:KwsFeatures.*' &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i" || status=1; done
  return $status
}

tools/setup.sh || exit 1
step 'build release' build release
run_ctest
for isa in armv6m armv7m armv7em armv8m mve rv32imc; do
  step "kernels for $isa, gcc" build $isa
  step "kernels for $isa, clang" build $isa-clang
done
step 'fresh vectors from TensorFlow Lite Micro' tools/fresh_vectors.sh
step 'lint: format, cppcheck, clang-tidy' tools/lint.py
step 'generated code keeps its promises' tools/check_generated.py
if [ -z "${MOTE_QUICK:-}" ]; then
  step 'build by clang with address and undefined-behaviour sanitizers' build sanitized
  step 'tests under the sanitizers' run_sanitized sanitized
  step 'fuzzing: every parser for 20 s, after replaying what was found before' env JOBS="$(nproc)" tools/fuzz.sh 20
fi

if [ -x build/venv/bin/python ]; then
  step 'conformance: small models against TensorFlow Lite Micro' build/venv/bin/python tools/conformance.py --quick
  step 'bench: no figure worse than docs/evidence/bench.json by more than 1 %' build/venv/bin/python tools/bench.py --check
else
  skipped=$((skipped + 2)); echo 'skipped: conformance and bench, there is no build/venv (the wheels could not be reached)'
fi
step 'size report' bash -c 'set -o pipefail; tools/size_report.py | tee build/size_report.txt'
echo
cat build/size_report.txt 2>/dev/null

[ ${#failures[@]} = 0 ] || printf 'failed: %s\n' "${failures[@]}"
printf 'make test took %d s\n%d passed, %d failed, %d skipped\n' $((SECONDS - began)) $passed $failed $skipped
[ $failed = 0 ]
