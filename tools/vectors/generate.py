"""Writes foreign vectors: generate.py [OP ...] [--seed N] [--fresh DIR]

Without --fresh: the committed vectors under tests/vectors/<op>/, from the seed that PROVENANCE states.
With --fresh: new random ones under DIR/<op>/, from a seed that is printed (or given); nothing committed changes.
Needs the wheels tflite-micro, numpy and flatbuffers.
"""

import argparse
import importlib
import importlib.metadata
import pathlib
import secrets
import shutil
import sys
import zlib

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import vectors  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
COMMITTED = HERE.parent.parent / "tests" / "vectors"
COMMITTED_SEED = 1
FRESH_RANDOM_CASES = 20


def operators():
    return sorted(p.stem for p in HERE.glob("*.py") if p.stem not in ("binary", "generate", "pool", "vectors"))


def generate(op, folder, seed, random_cases):
    """Rewrites `folder` with the cases of one operator. Returns the number of cases and bytes."""
    module = importlib.import_module(op)
    # Every operator and case has its own stream, so that adding one does not change the others.
    stream = lambda name: np.random.default_rng([seed, zlib.crc32(f"{op}/{name}".encode())])
    cases = list(module.cases(stream))
    if hasattr(module, "random_case"):
        cases += [module.random_case(f"random_{i}", stream(f"random_{i}")) for i in range(random_cases)]
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    size = 0
    for case in cases:
        try:
            model = vectors.build(case)
            recorded = vectors.record(case, model, stream(case.name + "/runs"))
        except Exception as error:
            raise RuntimeError(f"{op}/{case.name}, seed {seed}: {error}") from error
        for suffix, data in ((".tflite", model), (".bin", recorded)):
            (folder / (case.name + suffix)).write_bytes(data)
            size += len(data)
    version = importlib.metadata.version("tflite_micro")
    (folder / "PROVENANCE").write_text(
        f"generator  tools/vectors/generate.py {op} --seed {seed}\n"
        f"oracle     TensorFlow Lite Micro, wheel tflite-micro {version}\n"
    )
    return len(cases), size


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("op", nargs="*", help="operators; default all: " + " ".join(operators()))
    parser.add_argument("--seed", type=int)
    parser.add_argument("--fresh", type=pathlib.Path, metavar="DIR")
    args = parser.parse_args()
    unknown = set(args.op) - set(operators())
    if unknown:
        parser.error(f"no such operator: {' '.join(sorted(unknown))}")
    seed = args.seed if args.seed is not None else secrets.randbits(31) if args.fresh else COMMITTED_SEED
    print(f"seed {seed}")
    for op in args.op or operators():
        root = args.fresh if args.fresh else COMMITTED
        count, size = generate(op, root / op, seed, FRESH_RANDOM_CASES if args.fresh else 2)
        print(f"{op}: {count} cases, {size} bytes")


if __name__ == "__main__":
    main()
