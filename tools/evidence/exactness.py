#!/usr/bin/env python3
"""Outputs of mote on every emulated board against TensorFlow Lite Micro, written to docs/evidence/exactness.md.

usage: exactness.py [--count N] [--models kws,ad] [--boards mps2-an386,...]
Needs build/venv and ../shared. Inputs are real, spread evenly over the evaluation set, and the last tenth is uniform
random bytes, which reach values that real data does not. Only a run over everything writes the file.
"""

import argparse
import itertools
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import mlperf

BOARDS = ["mps2-an385-m0", "mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547", "riscv-virt", "host"]
# Where every input of the evaluation set runs, not a choice of them.
WHOLE = {("kws", "mps2-an386")}


def choose(inputs: np.ndarray, count: int) -> np.ndarray:
    rng = np.random.default_rng(20250519)
    random = rng.integers(-128, 128, (max(1, count // 10), *inputs.shape[1:]), dtype=np.int8)
    real = inputs[np.linspace(0, len(inputs) - 1, count - len(random)).astype(int)]
    return np.concatenate([real, random])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--models", default=",".join(mlperf.MODELS))
    parser.add_argument("--boards", default=",".join(BOARDS))
    options = parser.parse_args()
    models, boards = options.models.split(","), options.boards.split(",")

    def compare(name: str, board: str) -> tuple[str, int]:
        """The table's row, and how many bytes differ."""
        path = mlperf.MODELS[name].path
        everything = mlperf.MODELS[name].inputs()
        whole = (name, board) in WHOLE and options.count >= 100
        inputs = everything if whole else choose(everything, options.count)
        expected = mlperf.run_tflm(path, inputs).reshape(len(inputs), -1).astype(int)
        began = time.monotonic()
        outputs, report = mlperf.run_mote(path, board, inputs)
        seconds = time.monotonic() - began
        delta = np.abs(outputs.reshape(len(inputs), -1).astype(int) - expected)
        bad = int(np.count_nonzero(delta))
        row = f"| {name} | {board} | {report['core']} | {len(inputs)} | {delta.size} | {bad} | {delta.max()} | {seconds:.0f} |"
        print(row, flush=True)
        return row, bad

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda pair: compare(*pair), itertools.product(models, boards)))
    table = [row for row, _ in results]
    different = sum(bad for _, bad in results)

    if set(models) == set(mlperf.MODELS) and set(boards) == set(BOARDS) and options.count >= 100:
        text = "\n".join([
            "# Exactness against TensorFlow Lite Micro",
            "",
            "`make evidence` computes this table: tools/evidence/exactness.py. Each row runs generated C++ on an emulated",
            "board (`host`: on the computer itself) and compares every output byte with what TensorFlow Lite Micro, from its",
            "own wheel, computes for the same input. Seconds include generating and compiling the firmware.",
            "",
            "| model | board | core | inputs | output bytes | different | largest difference, LSB | seconds |",
            "|---|---|---|---|---|---|---|---|",
            *table,
            "",
            "kws on mps2-an386 takes all 1000 inputs of kws01. Elsewhere nine tenths of the inputs are real, spread evenly",
            "over the evaluation set, and one tenth is uniform random bytes.",
            "",
            *mlperf.provenance(),
            "",
        ])
        target = mlperf.ROOT / "docs" / "evidence" / "exactness.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        print(f"wrote {target.relative_to(mlperf.ROOT)}")
    if different:
        print(f"{different} output bytes differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
