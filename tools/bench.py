#!/usr/bin/env python3
"""Instructions, memory and flash of real models on emulated boards, beside TensorFlow Lite Micro with CMSIS-NN.

usage: bench.py [--check | --update] [--models kws,ad] [--boards cortex-m4,...] [--goals ram,...]
Needs build/venv and ../shared. A run over everything writes docs/evidence/bench.json and bench.md, --update of a part
replaces that part there. --check measures a part of it again and fails, naming each figure, where one is worse by more than 1 % than what bench.json says.
"""

import argparse
import json
import os
import sys
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools" / "evidence"))
import mlperf  # noqa: E402

TARGET = ROOT / "docs" / "evidence" / "bench.json"
SHARED = mlperf.DATA.parent
TOLERANCE = 1.01
GOALS = ["latency", "balanced", "ram", "flash"]
BOARDS = {"cortex-m0": "mps2-an385-m0", "cortex-m4": "mps2-an386", "cortex-m7": "mps2-an500", "cortex-m55": "mps3-an547",
          "rv32imc": "riscv-virt"}
THIRD_PARTY = ["person_detect", "tinyengine_mcunet_vww", "tinymaix_vww96_q",
               "st_esc10_yamnet_256_64x96_tl_int8", "micro_speech_quantized", "silabs_keyword_spotting_on_off_v3"]
# What TensorFlow Lite Micro takes for the same models, compiler and emulator: TFLM 90b983c, CMSIS-NN 4ab83cc (portable
# kernels on RISC-V, where CMSIS-NN has none), gcc 12.2, the better of -O2 and -O3; flash is its code at -Os, with the
# model's file.
TFLM = {
    "cortex-m0": {"kws": 28_996_450, "vww": 86_878_977, "ic": 97_548_868, "ad": 1_763_194},
    "cortex-m4": {"kws": 7_697_920, "vww": 24_101_940, "ic": 29_861_625, "ad": 582_312},
    "cortex-m7": {"kws": 7_643_697, "vww": 24_025_566, "ic": 29_934_772, "ad": 582_622},
    "cortex-m55": {"kws": 1_785_311, "vww": 6_433_516, "ic": 4_809_494, "ad": 149_963},
    "rv32imc": {"kws": 45_608_561, "vww": 114_091_346, "ic": 127_077_254, "ad": 2_480_710},
}
TFLM_ARENA = {"kws": 22_820, "vww": 100_708, "ic": 54_996, "ad": 2_580}
TFLM_FLASH = {"kws": 107_000, "vww": 387_000, "ic": 150_000, "ad": 305_000}
# Cycles of the model in ports/timing/zero-wait-m4.toml, from the same runs.
TFLM_CYCLES = {"kws": 9_240_000, "vww": 29_300_000, "ic": 36_800_000, "ad": 727_000}
FIGURES = ["instructions", "arena", "scratch", "stack", "flash", "weights"]
CYCLES = "cycles"
# Products that an instruction set's widest multiply-accumulate instruction adds; without one, what a multiplication and an
# addition make of two pixels in one word. Winograd needs 16 products for 36.
LIMITS = {"armv6m": 1, "armv7em": 2, "mve": 16, "rv32imc": 1}
WINOGRAD = 36 / 16


def cases(full: bool) -> list[tuple[str, str, str]]:
    """Model, core, goal."""
    own = [(m, c, g) for m in mlperf.MODELS for c in BOARDS for g in GOALS]
    if not full:
        return [(m, c, g) for m, c, g in own if (g == "latency" and c != "cortex-m7") or c == "cortex-m4"]
    return own + [(m, c, g) for m in THIRD_PARTY for c in ("cortex-m4", "cortex-m55") for g in GOALS]


def measure(case: tuple[str, str, str], folder: Path) -> dict:
    model, core, goal = case
    command = ["--board", BOARDS[core], "--optimize", goal, "--json"]
    if model in mlperf.MODELS:
        path = mlperf.MODELS[model].path
        file = folder / f"{model}.npy"
        command += ["--input", str(file)]
    else:
        path = SHARED / "models" / f"{model}.tflite"
        command += ["--random", "3"]
    done = subprocess.run([mlperf.MOTE, "run", path, *command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"mote run {path.name} {' '.join(command)} failed:\n{done.stderr}")
    report = json.loads(done.stdout)
    figures = {
        "instructions": round(report["instructions"]["mean"]),
        "arena": report["arena_bytes"],
        "scratch": report["scratch_bytes"],
        "stack": report["stack_bytes"],
        "flash": report["flash_bytes"],
        "weights": report["weight_bytes"],
    }
    if core == "cortex-m4" and goal == "latency" and model in mlperf.MODELS:
        figures[CYCLES] = zero_wait_cycles(path, goal, report["level"], folder / f"{model}.npy")
    print(f"{model:<34} {core:<11} {goal:<9}" + "".join(f" {figures[f]:>12,}" for f in FIGURES), flush=True)
    row = {"model": model, "core": core, "goal": goal, "level": report["level"], **figures}
    if goal == "latency":
        row["layers"] = [[l["kernel"], l["macs"], round(l["instructions"])] for l in report["layers"] if l["macs"]]
    return row


def zero_wait_cycles(path: Path, goal: str, level: str, inputs: Path) -> int:
    command = ["profile", path, "--board", BOARDS["cortex-m4"], "--timing", "zero-wait-m4", "--optimize", goal,
               "--level", level.removeprefix("-O"), "--input", inputs, "--json"]
    done = subprocess.run([mlperf.MOTE, *command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"mote profile {path.name} failed:\n{done.stderr}")
    report = json.loads(done.stdout)
    return round(report["total"]["cycles"] / report["windows"])


def check(measured: list[dict]) -> int:
    known = {(r["model"], r["core"], r["goal"]): r for r in json.loads(TARGET.read_text())["rows"]}
    worse = 0
    for row in measured:
        before = known[row["model"], row["core"], row["goal"]]
        for figure in [*FIGURES, CYCLES]:
            if figure in row and row[figure] > before[figure] * TOLERANCE:
                worse += 1
                print(f"worse: {row['model']} on {row['core']} for {row['goal']}: {figure} {before[figure]:,} -> "
                      f"{row[figure]:,} (+{100 * (row[figure] / before[figure] - 1):.1f} %)")
    print(f"{len(measured)} runs of {len(known)} measured again, {worse} figures worse by more than 1 %")
    if worse:
        print("if that is the price of something better, run 'make bench' and commit docs/evidence/bench.*")
    return 1 if worse else 0


def ratio(ours: int, theirs: int | None) -> str:
    return f"{ours / theirs:.2f}" if theirs else ""


def page(rows: list[dict]) -> str:
    lines = [
        "# Instructions, memory and flash",
        "",
        "`make bench` computes these tables: tools/bench.py. CI measures a part of them again and fails where a figure is",
        "worse by more than 1 %.",
        "",
        "Instructions are all that the emulated core executes between entering and leaving `invoke()`, counted by the emulator",
        "in the firmware as it ships, mean of three inputs. The four models of MLPerf Tiny take the first, the middle and the",
        "last input of their evaluation sets; the others synthetic noise. Stack is what `invoke()` used at most. Flash is the",
        "whole program: start-up, harness, kernels, weights. Every output is the same as that of the host interpreter on the",
        "graph as imported.",
        "",
        "*of TFLM* compares with TensorFlow Lite Micro and CMSIS-NN, measured with the same compiler and emulator (TFLM",
        "90b983c, CMSIS-NN 4ab83cc, gcc 12.2, the better of -O2 and -O3; on RISC-V its reference kernels; arena and flash on",
        "Cortex-M4, flash at -Os with int8 operators only). Smaller is better; 0.25 is four times better.",
        "",
        "Cycles, for `latency`, are by a zero-wait-state Cortex-M4: an instruction is one, one more for a single load or store that is not",
        "pipelined, N for a multiple of N words, two for a pair, two for a taken branch (ports/timing/zero-wait-m4.toml).",
    ]
    for core in BOARDS:
        cycles = core == "cortex-m4"
        lines += ["", f"## {core}", "",
                  f"| model | for | C++ | instructions | of TFLM |{' cycles | of TFLM |' if cycles else ''} arena | of it scratch "
                  "| of TFLM | stack | flash | of TFLM | weights |",
                  f"|---|---|---|--:|--:|{'--:|--:|' if cycles else ''}--:|--:|--:|--:|--:|--:|--:|"]
        for r in rows:
            if r["core"] != core:
                continue
            model = r["model"]
            theirs_arena = TFLM_ARENA.get(model) if core == "cortex-m4" else None
            theirs_flash = TFLM_FLASH.get(model) if core == "cortex-m4" else None
            lines.append(f"| {model} | {r['goal']} | {r['level']} | {r['instructions']:,} | "
                         f"{ratio(r['instructions'], TFLM[core].get(model))} | {cycles_of(r) if cycles else ''}{r['arena']:,} | {r['scratch']:,} | "
                         f"{ratio(r['arena'], theirs_arena)} | {r['stack']:,} | {r['flash']:,} | "
                         f"{ratio(r['flash'], theirs_flash)} | {r['weights']:,} |")
    return "\n".join([*lines, "", *kernels(rows), "", *mlperf.provenance(), ""])


def cycles_of(row: dict) -> str:
    if CYCLES not in row:
        return " | | "
    return f"{row[CYCLES]:,} | {ratio(row[CYCLES], TFLM_CYCLES[row['model']])} | "


def kernels(rows: list[dict]) -> list[str]:
    lines = ["## Kernels", "",
             "Products per instruction, of all layers that a kernel runs above for `latency`, whole calls with requantisation. The",
             "limit is what the instruction set's widest multiply-accumulate does: an instruction that does nothing else.",
             "", "| core | kernel | layers | products | instructions | in all | best layer | limit |",
             "|---|---|--:|--:|--:|--:|--:|--:|"]
    for core in BOARDS:
        layers: dict[str, list[tuple[int, int]]] = {}
        for row in rows:
            for kernel, macs, instructions in row.get("layers", []) if row["core"] == core else []:
                layers.setdefault(kernel, []).append((macs, instructions))
        for kernel, runs in sorted(layers.items()):
            isa = kernel.rsplit("_", 1)[1]
            if isa not in LIMITS:
                continue
            limit = LIMITS[isa] * (WINOGRAD if "winograd" in kernel else 1)
            macs, instructions = (sum(r[i] for r in runs) for i in range(2))
            best = max(m / n for m, n in runs)
            lines.append(f"| {core} | {kernel} | {len(runs)} | {macs:,} | {instructions:,} | {macs / instructions:.2f} | "
                         f"{best:.2f} | {limit:g} |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--update", action="store_true", help="replace what is measured in bench.json, keep the rest")
    parser.add_argument("--models")
    parser.add_argument("--boards", help="cores: " + ",".join(BOARDS))
    parser.add_argument("--goals")
    options = parser.parse_args()
    if not mlperf.DATA.is_dir():
        print(f"bench: skipped, no models in {os.path.relpath(mlperf.DATA, ROOT)}")
        return 0

    chosen = cases(full=not options.check)
    for at, given in enumerate((options.models, options.boards, options.goals)):
        chosen = [c for c in chosen if not given or c[at] in given.split(",")]
    if not chosen:
        parser.error("nothing to measure")
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = Path(name)
        for model in {c[0] for c in chosen} & set(mlperf.MODELS):
            inputs = mlperf.MODELS[model].inputs()
            np.save(folder / f"{model}.npy", inputs[[0, len(inputs) // 2, len(inputs) - 1]])
        print(f"{'model':<34} {'core':<11} {'for':<9}" + "".join(f" {f:>12}" for f in FIGURES))
        rows = list(pool.map(lambda case: measure(case, folder), chosen))
    if options.check:
        return check(rows)
    if options.update:
        measured = {(r["model"], r["core"], r["goal"]): r for r in rows}
        known = json.loads(TARGET.read_text())["rows"]
        rows = [measured.get((r["model"], r["core"], r["goal"]), r) for r in known]
    if len(rows) == len(cases(full=True)):
        TARGET.write_text(json.dumps({"rows": rows}, indent=1) + "\n")
        TARGET.with_suffix(".md").write_text(page(rows))
        print(f"wrote {TARGET.relative_to(ROOT)} and bench.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
