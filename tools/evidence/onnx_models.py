#!/usr/bin/env python3
"""ONNX models on an emulated Cortex-M4 against onnxruntime, on real inputs; written to docs/evidence/onnx.md.

usage: onnx_models.py [--quick]    needs build/venv and ../shared; --quick takes a tenth of the inputs and writes nothing

The four MLPerf Tiny models that lie there as ONNX are taken as they are, and as three more: with the quantisation taken
out, which gives a float model, and that one quantised anew by onnxruntime.quantization with real inputs.
"""

import argparse
import dataclasses
import re
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnxruntime import quantization as ort_quantization

import mlperf
from accuracy import auc, top1

BOARD = "mps2-an386"
CALIBRATION = 100
AD_CLIPS = 8


@dataclasses.dataclass(frozen=True)
class Subject:
    file: str
    truth: str
    count: int          # inputs compared
    float_count: int    # of them with the float model, which takes long without SIMD


SUBJECTS = {
    "kws": Subject("v1.3_kai_jiang_kws_kws_ref_model.onnx", "kws01", 200, 10),
    "ic": Subject("v1.3_kai_jiang_ic_resnet.onnx", "ic01", 100, 5),
    "vww": Subject("v1.3_kai_jiang_vww_mobilenet_v1.onnx", "vww01", 100, 5),
    "ad": Subject("v1.3_kai_jiang_ad_deep_autoencoder.onnx", "ad01", 0, 50),
}


def reals(name: str, wanted: tuple) -> np.ndarray:
    """The evaluation inputs as the ONNX model takes them, one per row."""
    if name == "ad":
        windows = mlperf.ad_windows()
        return windows.reshape(-1, 1, windows.shape[-1])
    path = mlperf.MODELS[name].path
    inputs = mlperf.MODELS[name].inputs()
    if name == "kws":
        return mlperf.dequantize(inputs, *mlperf.quantization(path, "input")).reshape(-1, *wanted).astype(np.float32)
    picture = inputs.astype(np.float32) + 128
    if name == "vww":
        picture = picture / 255
    if wanted[1] == 3:
        picture = picture.transpose(0, 1, 4, 2, 3)
    return np.ascontiguousarray(picture.reshape(-1, *wanted), np.float32)


def floated(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without its quantisation: constants dequantised, pairs of quantisers taken out. A pair whose zero point
    is the least integer also clips at zero: it stood for a ReLU."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    constants = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    nodes, renamed, clipped = [], {}, {}
    for node in model.graph.node:
        inputs = [renamed.get(i, i) for i in node.input]
        if node.op_type == "DequantizeLinear" and node.input[0] in constants:
            q, scale, zero = (constants[i] for i in node.input)
            shape = [-1] + [1] * (q.ndim - 1) if scale.ndim else []
            value = (q.astype(np.float32) - zero.reshape(shape).astype(np.float32)) * scale.reshape(shape)
            model.graph.initializer.append(numpy_helper.from_array(value.astype(np.float32), node.output[0]))
        elif node.op_type == "QuantizeLinear":
            renamed[node.output[0]] = inputs[0]
            clipped[node.output[0]] = int(constants[node.input[2]]) == np.iinfo(constants[node.input[2]].dtype).min
        elif node.op_type == "DequantizeLinear":
            kind = "Relu" if clipped[node.input[0]] else "Identity"
            nodes.append(helper.make_node(kind, inputs[:1], [node.output[0]]))
        else:
            copied = onnx.NodeProto.FromString(node.SerializeToString())
            del copied.input[:]
            copied.input.extend(inputs)
            nodes.append(copied)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    used = {i for node in nodes for i in node.input}
    kept = [i for i in model.graph.initializer if i.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    return model


class Reader(ort_quantization.CalibrationDataReader):
    def __init__(self, name, rows):
        self.rows = iter({name: row} for row in rows)

    def get_next(self):
        return next(self.rows, None)


def quantised(path: Path, target: Path, rows: np.ndarray, style: str) -> None:
    name = onnx.load(path).graph.input[0].name
    kinds = ort_quantization.QuantType
    ort_quantization.quantize_static(
        path, target, Reader(name, rows), per_channel=style == "qdq",
        quant_format=ort_quantization.QuantFormat.QOperator if style == "qoperator" else ort_quantization.QuantFormat.QDQ,
        activation_type=kinds.QUInt8 if style == "qoperator" else kinds.QInt8, weight_type=kinds.QInt8,
        extra_options={"WeightSymmetric": True, "ActivationSymmetric": False})


def run_onnxruntime(path: Path, inputs: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.stack([session.run(None, {name: row})[0] for row in inputs])


def last_scale(path: Path) -> float:
    """The scale of the last tensor that is quantised, 0 in a float model."""
    model = onnx.load(path)
    constants = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    scales = [constants[n.input[1]] for n in model.graph.node if n.op_type == "DequantizeLinear"
              and n.input[1] in constants and constants[n.input[1]].ndim == 0 and n.input[0] not in constants]
    return float(scales[-1]) if scales else 0.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    table = []
    with tempfile.TemporaryDirectory() as folder:
        for name, subject in SUBJECTS.items():
            given = mlperf.DATA / "onnx" / subject.file
            model = onnx.load(given)
            wanted = tuple(d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim)
            everything = reals(name, wanted)
            float_path = Path(folder) / f"{name}_float.onnx"
            onnx.save(floated(model), float_path)
            variants = {"as given (PPQ, QDQ)": given, "float": float_path}
            chosen = np.random.default_rng(1).choice(len(everything), CALIBRATION, replace=False)
            for style in ("qdq", "qoperator"):
                path = Path(folder) / f"{name}_{style}.onnx"
                quantised(float_path, path, everything[chosen], style)
                variants[f"onnxruntime.quantization, {'QDQ int8 per channel' if style == 'qdq' else 'QOperator uint8'}"] = path
            for title, path in variants.items():
                truth = mlperf.labels(subject.truth)
                if name == "ad":  # whole clips, so that they can be scored
                    windows = len(everything) // len(truth)
                    clips = slice(0, len(truth), len(truth) // AD_CLIPS)
                    truth = truth[clips]
                    inputs = everything.reshape(-1, windows, *everything.shape[1:])[clips].reshape(-1, *everything.shape[1:])
                    limit = subject.float_count if title == "float" else len(inputs)
                else:
                    step = max(1, len(everything) // subject.count)
                    inputs, truth = everything[::step], truth[::step]
                    limit = subject.float_count if title == "float" else len(inputs)
                if quick:
                    limit = min(limit, max(4, limit // 10))
                whole = limit == len(inputs)
                inputs = inputs[:limit]
                began = time.monotonic()
                want = run_onnxruntime(path, inputs).reshape(limit, -1)
                fed = inputs
                if wanted[1:2] == (3,):  # mote takes pictures channels-last
                    fed = np.ascontiguousarray(inputs.transpose(0, 1, 3, 4, 2) if inputs.ndim == 5 else inputs.transpose(0, 2, 3, 1))
                got, _ = mlperf.run_mote(path, BOARD, fed)
                got = got.reshape(limit, -1)
                seconds = time.monotonic() - began
                worst = float(np.max(np.abs(got - want)))
                scale = last_scale(path)
                if name == "ad":
                    judged = ["-", "-"]
                    if whole:
                        errors = [np.mean(np.square(inputs.reshape(limit, -1) - y), axis=1) for y in (got, want)]
                        judged = [f"AUC {auc(e.reshape(len(truth), -1).mean(axis=1), truth == 1):.4f}" for e in errors]
                    units = np.abs(got - want) / (scale or 1)
                    agree = (f"{100 * np.mean(units < 0.5):.2f} % equal, worst {np.max(units):.0f} units" if scale
                             else f"{worst / np.max(np.abs(want)):.1e} relative")
                else:
                    judged = [f"{100 * top1(y, truth[:limit]):.1f} %" for y in (got, want)]
                    same = np.mean(got.argmax(axis=1) == want.argmax(axis=1))
                    agree = f"{100 * same:.1f} % same class, worst probability {worst:.1e}"
                table.append(f"| {name} | {title} | {limit} | {judged[0]} | {judged[1]} | {agree} | {seconds:.0f} |")
                print(table[-1], flush=True)
    if quick:
        return
    text = "\n".join([
        "# ONNX models against onnxruntime",
        "",
        "`build/venv/bin/python tools/evidence/onnx_models.py` computes this table on an emulated Cortex-M4.",
        "",
        "| model | quantisation | inputs | mote | onnxruntime | agreement | seconds |",
        "|---|---|---|---|---|---|---|",
        *table,
        "",
        f"- onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__} with graph optimisations off",
        *mlperf.provenance(),
        "",
    ])
    target = mlperf.ROOT / "docs" / "evidence" / "onnx.md"
    target.write_text(text)
    print(f"wrote {target.relative_to(mlperf.ROOT)}")


if __name__ == "__main__":
    main()
