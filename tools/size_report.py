#!/usr/bin/env python3
"""Flash, RAM, stack and instructions of every model in examples/, on every board. What grew is seen in the log.

usage: size_report.py [--mote PROGRAM] [--boards a,b] [MODEL ...]
"""
import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ["flash_bytes", "weight_bytes", "flash_beside_weights_bytes", "arena_bytes", "stack_bytes"]
TITLES = ["flash", "weights", "beside weights", "arena", "stack", "instructions"]


def measure(mote: str, model: Path, board: str) -> tuple[list, str]:
    """The numbers of one row, or what went wrong."""
    custom = [word for file in sorted(Path(model).parent.glob("*/operator.toml")) for word in ("--custom", file.parent)]
    done = subprocess.run([mote, "run", model, "--board", board, "--json", *custom], capture_output=True, text=True)
    if done.returncode != 0:
        return [], done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"exit code {done.returncode}"
    report = json.loads(done.stdout)
    return [report[c] for c in COLUMNS] + [round(report.get("instructions", {}).get("mean", 0))], ""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mote", default=str(ROOT / "build" / "release" / "mote"))
    parser.add_argument("--boards", help="default: all but the host")
    parser.add_argument("models", nargs="*", type=Path)
    options = parser.parse_args()
    models = options.models or sorted((ROOT / "examples").glob("*/*.tflite"))
    if options.boards:
        boards = options.boards.split(",")
    else:
        listed = json.loads(subprocess.run([options.mote, "boards", "--json"], check=True, capture_output=True).stdout)
        boards = [b["name"] for b in listed if b["name"] != "host"]

    rows = [(model, board) for model in models for board in boards]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda row: measure(options.mote, *row), rows))
    print(f"{'model':<28} {'board':<14}" + "".join(f"{t:>16}" for t in TITLES) + "   bytes; instructions per inference")
    failures = 0
    for (model, board), (numbers, error) in zip(rows, results):
        failures += bool(error)
        print(f"{model.stem:<28} {board:<14}" + (f"  FAILED: {error}" if error else "".join(f"{n:>16,}" for n in numbers)))
    return 1 if failures or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
