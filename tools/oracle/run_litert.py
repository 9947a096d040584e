#!/usr/bin/env python3
"""Runs a whole model in LiteRT with its reference kernels and saves what it computes, to compare with.

usage: run_litert.py MODEL OUT [--runs N] [--seed N]

Writes into the folder OUT, as .npy with the tensor's shape and type: run<r>_input<i>.npy, run<r>_output<i>.npy. The
inputs are random bytes, or numbers from -1 to 1, from the seed.
"""

import argparse
import pathlib

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    interpreter = Interpreter(
        model_content=args.model.read_bytes(), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    rng = np.random.default_rng(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    for r in range(args.runs):
        for i, detail in enumerate(interpreter.get_input_details()):
            shape, dtype = detail["shape"], np.dtype(detail["dtype"])
            if dtype.kind == "f":
                value = rng.uniform(-1, 1, shape).astype(dtype)
            else:
                value = rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, endpoint=True).astype(dtype)
            interpreter.set_tensor(detail["index"], value)
            np.save(args.out / f"run{r}_input{i}.npy", value)
        interpreter.invoke()
        for i, detail in enumerate(interpreter.get_output_details()):
            np.save(args.out / f"run{r}_output{i}.npy", interpreter.get_tensor(detail["index"]))


if __name__ == "__main__":
    main()
