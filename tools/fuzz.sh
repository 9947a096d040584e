#!/bin/bash
# Fuzzes every parser: tools/fuzz.sh SECONDS runs each target that long; 0 only replays the committed findings and seeds.
# JOBS: how many targets run at a time, one core each (default: all). What is found lands in build/sanitized/findings/.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?usage: tools/fuzz.sh SECONDS}
targets=(tflite_fuzz onnx_fuzz graph_text_fuzz input_fuzz image_fuzz recording_fuzz program_fuzz)
jobs=${JOBS:-${#targets[@]}}

cmake --preset sanitized >/dev/null
cmake --build --preset sanitized
build=build/sanitized
for target in "${targets[@]}"; do mkdir -p $build/findings $build/logs $build/{seeds,corpus}/$target tests/fuzz/corpus/$target; done
find tests/vectors -name '*.tflite' -size -8k | while read -r model; do
  cp -u "$model" "$build/seeds/tflite_fuzz/$(basename "$(dirname "$model")").$(basename "$model")"
done
cp -u tests/vectors/onnx/*.onnx "$build/seeds/onnx_fuzz"
find tests/vectors -name '*.tflite' -size -8k -print0 | xargs -0 $build/fuzz_seeds text $build/seeds/graph_text_fuzz
find tests/vectors -name '*.tflite' -size -8k -print0 | xargs -0 $build/fuzz_seeds image $build/seeds/image_fuzz

run_target() {
  local target=$1 seconds=$2 build=$3
  local flags=(-timeout=20 -rss_limit_mb=1536 -print_final_stats=1 -use_value_profile=1 "-artifact_prefix=$build/findings/$target.")
  if [ "$seconds" = 0 ]; then flags+=(-runs=0); else flags+=("-max_total_time=$seconds"); fi
  case $target in
    tflite_fuzz | onnx_fuzz) flags+=(-max_len=8192) ;;
    image_fuzz) flags+=(-max_len=8192) ;;
    graph_text_fuzz) flags+=(-max_len=8192 -dict=tests/fuzz/graph_text_fuzz.dict) ;;
    input_fuzz | recording_fuzz | program_fuzz) flags+=(-max_len=4096) ;;
  esac
  local log=$build/logs/$target.log
  if $build/$target "${flags[@]}" $build/corpus/$target tests/fuzz/corpus/$target $build/seeds/$target >"$log" 2>&1; then
    echo "$target: nothing found in $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs; $(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1)"
  else
    grep -v -e '^#' -e '^INFO' "$log" | tail -60
    echo "$target: FAILED; $log has it all, $build/findings/ the input"
    return 1
  fi
}
export -f run_target
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c "run_target {} $seconds $build"
