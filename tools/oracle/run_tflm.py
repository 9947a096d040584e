#!/usr/bin/env python3
"""Runs a whole model in TensorFlow Lite Micro and saves what it computes, to compare with.

usage: run_tflm.py MODEL OUT [--input FILE.npy ...] [--runs N] [--seed N] [--layers]

Writes into the folder OUT, as .npy with the tensor's shape and type:
  run<r>_input<i>.npy, run<r>_output<i>.npy
  run<r>_layer<n>.npy   with --layers: the first output of operator n, for every operator
  manifest.json         the model's crc32, the wheel's version, the seed, and crc32 of every file's elements
--input gives the inputs of one run, one file per model input in order, or files with one more leading dimension, whose
entries are the runs. Without it the inputs are random, from a seed that is printed; the first three runs are the
smallest, the largest and the zero value of the type (of an index into a table: of the table). State is kept from run to run, as on a device.
"""

import argparse
import importlib.metadata
import json
import pathlib
import secrets
import zlib

import numpy as np
from tflite_micro.python.tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema


def operator_outputs(model):
    """The first output tensor of every operator of the first subgraph; None where there is none, or a variable's handle."""
    subgraph = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0)).subgraphs[0]
    firsts = [None if op.outputs is None or len(op.outputs) == 0 else int(op.outputs[0]) for op in subgraph.operators]
    return [None if t is None or subgraph.tensors[t].type == schema.TensorType.RESOURCE else t for t in firsts]


def input_count(model):
    return schema.Model.GetRootAsModel(model, 0).Subgraphs(0).InputsLength()


def output_count(model):
    return schema.Model.GetRootAsModel(model, 0).Subgraphs(0).OutputsLength()


def index_limits(model):
    """Per input of the first subgraph: how many entries it chooses from, if GATHER uses it as an index."""
    whole = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))
    subgraph, codes = whole.subgraphs[0], whole.operatorCodes
    limits = {}
    for op in subgraph.operators:
        code = codes[op.opcodeIndex]  # files from before 2020 use the older field alone
        if max(code.builtinCode, code.deprecatedBuiltinCode) == schema.BuiltinOperator.GATHER:
            limits[int(op.inputs[1])] = int(subgraph.tensors[op.inputs[0]].shape[op.builtinOptions.axis])
    return [limits.get(int(tensor)) for tensor in subgraph.inputs]


def random_input(detail, limit, run, rng):
    shape, dtype = [int(d) for d in detail["shape"]], np.dtype(detail["dtype"])
    if limit:
        ends = (0, limit - 1, limit // 2)
        return np.full(shape, ends[run], dtype) if run < 3 else rng.integers(0, limit, shape).astype(dtype)
    if dtype.kind == "f":
        ends = (-1.0, 1.0, 0.0)
        return np.full(shape, ends[run], dtype) if run < 3 else rng.uniform(-1, 1, shape).astype(dtype)
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    zero = detail["quantization_parameters"]["zero_points"]
    ends = (low, high, int(zero[0]) if len(zero) else 0)
    return np.full(shape, ends[run], dtype) if run < 3 else rng.integers(low, high, shape, endpoint=True).astype(dtype)


def given_inputs(files, details):
    """The inputs of every run, from .npy files."""
    arrays = [np.load(f) for f in files]
    if len(arrays) != len(details):
        raise SystemExit(f"{len(arrays)} input files given, the model has {len(details)} inputs")
    runs = []
    for array, detail, file in zip(arrays, details, files):
        shape = tuple(int(d) for d in detail["shape"])
        if array.dtype != np.dtype(detail["dtype"]) or array.shape not in (shape, array.shape[:1] + shape):
            raise SystemExit(f"{file}: {array.dtype}{array.shape} given, the model takes {np.dtype(detail['dtype'])}{shape}")
        runs.append(array.reshape((-1, *shape)))
    if len({len(r) for r in runs}) != 1:
        raise SystemExit("the input files hold different numbers of runs")
    return [list(values) for values in zip(*runs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--input", action="append", type=pathlib.Path, metavar="FILE.npy")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--layers", action="store_true")
    args = parser.parse_args()

    model = args.model.read_bytes()
    config = runtime.InterpreterConfig.kPreserveAllTensors if args.layers else runtime.InterpreterConfig.kAllocationRecording
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=max(1 << 22, 4 * len(model)), intrepreter_config=config)
    details = [interpreter.get_input_details(i) for i in range(input_count(model))]
    seed = None
    if args.input:
        runs = given_inputs(args.input, details)
    else:
        seed = args.seed if args.seed is not None else secrets.randbits(31)
        print(f"seed {seed}")
        rng = np.random.default_rng(seed)
        limits = index_limits(model)
        runs = [[random_input(d, n, r, rng) for d, n in zip(details, limits)] for r in range(args.runs)]

    args.out.mkdir(parents=True, exist_ok=True)
    files = {}

    def save(name, array):
        array = np.ascontiguousarray(array)
        np.save(args.out / name, array)
        files[name] = f"{zlib.crc32(array.tobytes()):08x}"

    layers = operator_outputs(model)
    for r, inputs in enumerate(runs):
        for i, value in enumerate(inputs):
            interpreter.set_input(value, i)
            save(f"run{r}_input{i}.npy", value)
        interpreter.invoke()
        for i in range(output_count(model)):
            save(f"run{r}_output{i}.npy", interpreter.get_output(i))
        for n, tensor in enumerate(layers if args.layers else []):
            if tensor is not None:
                save(f"run{r}_layer{n}.npy", interpreter.GetTensor(tensor, 0)["tensor_data"])
    manifest = {
        "model": args.model.name,
        "model_crc32": f"{zlib.crc32(model):08x}",
        "oracle": "tflite-micro " + importlib.metadata.version("tflite_micro"),
        "seed": seed,
        "runs": len(runs),
        "files": files,
    }
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(f"{args.model.name}: {len(runs)} runs, {len(files)} files in {args.out}")


if __name__ == "__main__":
    main()
