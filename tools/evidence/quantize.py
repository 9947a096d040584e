#!/usr/bin/env python3
"""MLPerf Tiny's float models quantised by `mote quantize`, beside the int8 models that the benchmark publishes.

usage: quantize.py [--quick]    needs build/venv and ../shared; --quick takes a tenth of the inputs and writes nothing

Every tenth evaluation input gives the ranges, the others are judged by: there is no training data in ../shared. float and
int8 run in LiteRT and in TensorFlow Lite Micro: neither is ours.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

import mlperf
from accuracy import auc, top1

FLOAT = {"ic": "ic_pretrainedResnet_float32.tflite",
         "vww": "vww_96_float32.tflite",
         "ad": "ad01_float32.tflite"}
CALIBRATION_STEP = 10
METHODS = ["min_max", "percentile", "mse"]
AD_STEP = 7  # of the windows that give ranges: there are thousands, and neighbours are alike


def reals(name: str) -> np.ndarray:
    """The evaluation inputs in the float model's units, one per row."""
    path = mlperf.DATA / "models" / FLOAT[name]
    wanted = Interpreter(str(path)).get_input_details()[0]["shape"]
    if name == "ad":
        return mlperf.ad_windows()
    inputs = mlperf.MODELS[name].inputs()
    real = mlperf.dequantize(inputs, *mlperf.quantization(mlperf.MODELS[name].path, "input"))
    return real.reshape(-1, *wanted).astype(np.float32)


def run_float(path: Path, inputs: np.ndarray) -> np.ndarray:
    model = Interpreter(str(path))
    model.allocate_tensors()
    into, out = model.get_input_details()[0]["index"], model.get_output_details()[0]["index"]
    outputs = []
    for x in inputs:
        model.set_tensor(into, x.reshape(model.get_input_details()[0]["shape"]))
        model.invoke()
        outputs.append(model.get_tensor(out).reshape(-1))
    return np.stack(outputs)


def run_int8(path: Path, inputs: np.ndarray) -> np.ndarray:
    """Real outputs, by TensorFlow Lite Micro."""
    quantised = mlperf.quantize(inputs, *mlperf.quantization(path, "input"))
    return mlperf.dequantize(mlperf.run_tflm(path, quantised), *mlperf.quantization(path, "output"))


def judge(name: str, outputs: np.ndarray, inputs: np.ndarray, truth: np.ndarray) -> float:
    if name != "ad":
        return 100 * top1(outputs, truth)
    error = np.mean(np.square(inputs.reshape(len(outputs), -1) - outputs.reshape(len(outputs), -1)), axis=1)
    return auc(error.reshape(len(truth), -1).mean(axis=1), truth == 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    table = []
    for name, file in FLOAT.items():
        inputs, truth = reals(name), mlperf.labels(f"{name}01")
        if quick:
            inputs, truth = inputs[::10], truth[::10]
        picked = np.arange(len(inputs)) % CALIBRATION_STEP == 0
        calibration, test, truth = inputs[picked], inputs[~picked], truth[~picked]
        if name == "ad":
            calibration = calibration.reshape(-1, 1, calibration.shape[-1])[::AD_STEP]
            test = test.reshape(-1, 1, test.shape[-1])
        path = mlperf.DATA / "models" / file
        places = 4 if name == "ad" else 1
        row = [name, str(len(calibration)), str(len(test)),
               f"{judge(name, run_float(path, test), test, truth):.{places}f}",
               f"{judge(name, run_int8(mlperf.MODELS[name].path, test), test, truth):.{places}f}"]
        sizes = set()
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder) / "calibration.npy", calibration)
            for method in METHODS:
                made = Path(folder) / f"{method}.tflite"
                said = subprocess.run([mlperf.MOTE, "quantize", path, "--input", Path(folder) / "calibration.npy",
                                       "--ranges", method, "-o", made, "--json"], check=True, capture_output=True,
                                      text=True).stdout
                report = json.loads(said)
                assert not report.get("left_in_float"), report["left_in_float"]
                row.append(f"{judge(name, run_int8(made, test), test, truth):.{places}f}")
                sizes.add(made.stat().st_size)
        row.append(f"{max(sizes):,}")
        row.append(f"{mlperf.MODELS[name].path.stat().st_size:,}")
        table.append("| " + " | ".join(row) + " |")
        print(table[-1], flush=True)
    if quick:
        return
    text = "\n".join([
        "# Float models quantised by mote",
        "",
        "MLPerf Tiny's float models made int8 by `mote quantize`, beside the int8 models that the benchmark publishes, which were",
        "quantised by TensorFlow with training data. `build/venv/bin/python tools/evidence/quantize.py` computes this table. Every",
        "tenth evaluation input gave the ranges, the others are what is judged; there is no training data here. Float runs in",
        "LiteRT, int8 in TensorFlow Lite Micro; ic, vww: top-1 in %, ad: AUC over clips. The file called float32 of kws is missing:",
        "its weights are int8 already.",
        "",
        "| model | inputs for ranges | judged | float | published int8 | mote, min_max | mote, percentile | mote, mse | .tflite bytes | published |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *table,
        "",
        *mlperf.provenance(),
        "",
    ])
    (mlperf.ROOT / "docs" / "evidence" / "quantize.md").write_text(text)


if __name__ == "__main__":
    main()
