#!/usr/bin/env bash
# A wake word from nothing to firmware that hears it: voices, training, int8, C++, the emulated chip, a report.
# Run again after Ctrl-C, it goes on where it was.
# usage: tools/demo.sh [MOTE [FOLDER [CLIPS [SETTING ...]]]]
#   MOTE     the program (build/release/mote)
#   FOLDER   where the project is made (build/demo/wake_word)
#   CLIPS    of the phrase, and as many of other words (1000)
#   SETTING  of mote.toml, as section.key=value
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
mote=$(realpath "${1:-$root/build/release/mote}")
folder=${2:-$root/build/demo/wake_word}
clips=${3:-1000}
settings=()
for setting in "${@:4}"; do settings+=(--set "$setting"); done

mkdir -p "$folder"
cmp -s "$root/examples/wake_word/mote.toml" "$folder/mote.toml" || cp "$root/examples/wake_word/mote.toml" "$folder/"
cd "$folder"
log=demo.log
: >"$log"
begin=$SECONDS

# Says what is done and how long it took; its output goes to the log, its progress to the terminal.
step() {
  local title=$1 start=$SECONDS
  shift
  printf '%-52s' "$title"
  [ -t 2 ] && printf '\n' >&2
  if ! "$@" >>"$log"; then
    printf '\nfailed; the same command goes on from here. More in %s\n' "$folder/$log"
    exit 1
  fi
  [ -t 2 ] && printf '\033[A\r%-52s' "$title" >&2
  printf '%4d s\n' $((SECONDS - start))
}

# Goes on from the last epoch when data and settings are the same as then; does nothing when it was finished.
train() {
  local state restart=()
  state=$("$mote" data stats | tail -1; cat mote.toml; printf '%s\n' "${settings[@]}")
  mkdir -p build
  if [ "$state" != "$(cat build/state 2>/dev/null)" ]; then
    restart=(--restart)
    rm -f build/finished
    printf '%s\n' "$state" >build/state
  fi
  [ -f build/finished ] && return
  "$mote" train "${settings[@]}" "${restart[@]}" && touch build/finished
}

printf 'A wake word that nobody has recorded: "tinyml"\n\n'
step "1  $clips clips of it, $clips of others, noise" \
  "$mote" data synth --phrase tinyml --say "tiny M L" --count "$clips" --others "$clips" --noise $((clips / 20 + 20))
step "2  training, in float and then as int8" train
step "3  C++ for a Cortex-M4" "$mote" compile build/model.tflite -o code --target cortex-m4
step "4  test on the host and on the emulated chip" "$mote" test --board mps2-an386 "${settings[@]}"
step "5  report" "$mote" report
printf '\n'
sed -n '/ clips of the test split/,$p' "$log" | sed '/^wrote /,$d'
printf '%d s in all. Everything on one page: %s\n' $((SECONDS - begin)) "$folder/build/report.html"
