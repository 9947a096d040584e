"""Cases of PADV2."""

import numpy as np

from concatenation import quantized
from vectors import Case, Tensor, constant, random_values


def pad_v2(name, rng, dtype, shape, paddings):
    q = quantized(rng, dtype)
    out = [b + n + a for n, (b, a) in zip(shape, paddings)]
    value = constant(dtype, random_values(rng, dtype, ()), *q)
    return Case(name, "PADV2", [Tensor(dtype, shape, *q), constant("s32", np.array(paddings)), value], [Tensor(dtype, out, *q)],
                version=2, random_runs=1)


def cases(stream):
    for dtype in ("s8", "s16", "f32", "s32"):
        for name, shape, paddings in [("image", (1, 3, 4, 2), ((0, 0), (1, 2), (3, 0), (0, 0))), ("rows", (2, 3), ((1, 0), (0, 2)))]:
            full = f"{dtype}_{name}"
            yield pad_v2(full, stream(full), dtype, shape, paddings)


def random_case(name, rng):
    rank = int(rng.integers(1, 5))
    return pad_v2(name, rng, str(rng.choice(["s8", "s16", "f32", "s32"])), [int(v) for v in rng.integers(1, 5, rank)],
                  [[int(v) for v in rng.integers(0, 4, 2)] for _ in range(rank)])
