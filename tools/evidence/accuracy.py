#!/usr/bin/env python3
"""Accuracy of the four MLPerf Tiny int8 models over their evaluation sets, written to docs/evidence/accuracy.md.

usage: accuracy.py [--quick]    needs build/venv and ../shared; --quick takes every tenth input and writes nothing
"""

import argparse
import time

import numpy as np

import mlperf


def top1(outputs: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean(outputs.reshape(len(truth), -1).argmax(axis=1) == truth))


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half."""
    above = scores[positive][:, None] - scores[~positive][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def anomaly_scores(inputs: np.ndarray, outputs: np.ndarray, clips: int) -> np.ndarray:
    """Per clip: the mean over its windows of the mean squared error between what went in and what came out."""
    model = mlperf.MODELS["ad"].path
    restored = mlperf.dequantize(outputs.reshape(len(inputs), -1), *mlperf.quantization(model, "output"))
    error = np.mean(np.square(inputs.reshape(len(inputs), -1) - restored), axis=1)
    return error.reshape(clips, -1).mean(axis=1)


# model, evaluation list, board, metric, what the benchmark asks for
ROWS = [
    ("kws", "kws01", "mps2-an386", "top-1", "90 %"),
    ("ic", "ic01", "mps2-an386", "top-1", "85 %"),
    ("vww", "vww01", "mps2-an386", "top-1", "80 %"),
    ("ad", "ad01", "mps2-an386", "AUC", "0.85"),
]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    step = 10 if parser.parse_args().quick else 1
    table = []
    for name, truth_list, board, metric, bar in ROWS:
        path = mlperf.MODELS[name].path
        truth = mlperf.labels(truth_list)[::step]
        if metric == "AUC":
            windows = mlperf.ad_windows()[::step]
            real = windows.reshape(-1, 1, windows.shape[-1])
            inputs = mlperf.quantize(real, *mlperf.quantization(path, "input"))

            def judge(outputs: np.ndarray) -> str:
                return f"{auc(anomaly_scores(real, outputs, len(truth)), truth == 1):.4f}"
        else:
            inputs = mlperf.MODELS[name].inputs()[::step]

            def judge(outputs: np.ndarray) -> str:
                return f"{100 * top1(outputs, truth):.1f} %"

        began = time.monotonic()
        outputs, _ = mlperf.run_mote(path, board, inputs)
        seconds = time.monotonic() - began
        table.append(f"| {name} | {truth_list}, {len(truth)} | {board} | {metric} | {judge(outputs)} | "
                     f"{judge(mlperf.run_tflm(path, inputs))} | {bar} | {len(inputs)} | {seconds:.0f} |")
        print(table[-1], flush=True)
    if step != 1:
        return
    text = "\n".join([
        "# Accuracy of the MLPerf Tiny int8 models",
        "",
        "`make evidence` computes this table: tools/evidence/accuracy.py.",
        "",
        "| model | evaluation set | computed on | metric | mote | TFLM | the benchmark asks for | inferences | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
        *table,
        "",
        "`mps2-an386` is the emulated Cortex-M4. kws01 holds int8 features and is used as stored; a pixel p of ic01 and vww01",
        "becomes p - 128; ad01 holds float log-mel frames: windows of five frames, one frame apart, are quantised by the",
        "model's input scale, and a clip's score is the mean over its windows of the mean squared reconstruction error.",
        "ic01 is the list of 200 images of the benchmark's harness.",
        "",
        *mlperf.provenance(),
        "",
    ])
    target = mlperf.ROOT / "docs" / "evidence" / "accuracy.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    print(f"wrote {target.relative_to(mlperf.ROOT)}")


if __name__ == "__main__":
    main()
