#!/usr/bin/env bash
# Imports the real recordings of ../shared and makes a synthetic set; writes docs/evidence/data.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
shared=$(realpath "${MOTE_SHARED:-../shared}")/data
mote=$PWD/build/release/mote
page=$PWD/docs/evidence/data.md
if [ ! -d "$shared" ]; then echo "data evidence: skipped, no $shared"; exit 0; fi
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
for file in "$shared"/audio/*.tar* "$shared"/imu/*.tar* "$shared"/vibration/*.tar*; do tar xf "$file" -C "$work"; done
cd "$work"

row() {  # title, arguments of import
  local title=$1; shift
  local begin end
  begin=$(date +%s.%N)
  "$mote" data import "$@" --json > report.json || true
  end=$(date +%s.%N)
  python3 - "$title" "$begin" "$end" <<'PY' >> rows.md
import json, sys
r = json.load(open("report.json"))
print(f"| {sys.argv[1]} | {r['files']} | {r['added']} | {r['duplicates']} | {len(r['broken'])} | {len(r['too_short'])} | "
      f"{len(r['conflicts'])} | {r['resampled']} | {r['mixed_to_mono']} | {r['clipped']} | {r['seconds'] / 60:.1f} | "
      f"{float(sys.argv[3]) - float(sys.argv[2]):.1f} |")
PY
}
verdict() { "$mote" data check --project "$1" 2>&1 | grep -v '^  fix' || true; }

"$mote" new sound > new.txt
row "Speech Commands bed, cat, happy" speech_commands --project sound
row "Free Spoken Digits, 4 speakers" fsdd --project sound --label-pattern '/([0-9])_' --group-pattern '_([a-z]+)_'
row "wake word alexa (FLAC)" alexa --project sound
row "noise of Speech Commands" background_noise --project sound --label _noise_
row "ESC-10, folds 1 and 2" esc10 --project sound --label _noise_
"$mote" new motion > new.txt; sed -i 's/^#kind = .*/kind = "series"/; s/^#max_s = .*/max_s = 86400/' motion/mote.toml
row "HMP wrist accelerometer, 14 volunteers" hmp --project motion --rate 32 --group-pattern '-([fm][0-9]+)\.txt'
python3 - <<'PY'
# Raw float32 becomes .npy, which is all that is missing.
import pathlib, struct
for f in pathlib.Path("cwru").glob("*.f32"):
    data = f.read_bytes()
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(data) // 4},), }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    f.with_suffix(".npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data)
PY
"$mote" new bearing > new.txt; sed -i 's/^#kind = .*/kind = "series"/' bearing/mote.toml
row "CWRU bearings, windows of 0.5 s" cwru --project bearing --rate 12000 --window-ms 500 --label-pattern '[_/](normal|B|IR|OR)'

"$mote" new made > new.txt
begin=$(date +%s.%N)
"$mote" data synth --project made --phrase tinyml --say "tiny M L" --count 1000 --others 1000 --noise 50 > synth.txt
end=$(date +%s.%N)
{
  echo "# Data: real recordings imported, a synthetic set made"
  echo
  echo "Made by \`make data-evidence\` on $(nproc) cores, $(date -u +%Y-%m-%d). Everything but the last section is real recordings."
  echo
  echo "| set | files | added | duplicates | broken | too short | contradictions | resampled | to mono | clipped | minutes | seconds to import |"
  echo "|---|---|---|---|---|---|---|---|---|---|---|---|"
  cat rows.md
  for project in sound motion bearing; do
    echo; echo "\`mote data check\`, project $project:"; echo; echo '```'; verdict $project; echo '```'
  done
  echo
  echo "\`mote data stats\`, project sound:"; echo; echo '```'; "$mote" data stats --project sound; echo '```'
  echo
  echo "## Synthetic"
  echo
  python3 -c "print(f'1000 clips of \"tinyml\", 1000 others, 50 noises: {$end - $begin:.0f} s.')"
  echo; echo '```'; cat synth.txt; "$mote" data stats --project made; verdict made; echo '```'
} > "$page"
echo "wrote docs/evidence/data.md"
