"""Cases of GATHER."""

import numpy as np

from concatenation import quantized
from vectors import Case, Tensor, constant, options


def gather(name, rng, dtype, shape, axis, indices):
    """indices: an array that is constant, or a shape that is fed."""
    q = quantized(rng, dtype)
    at = axis % len(shape)
    fed = isinstance(indices, tuple)
    index = Tensor("s32", indices, low=0, high=shape[at] - 1) if fed else constant("s32", indices)
    out = (*shape[:at], *index.shape, *shape[at + 1:])
    return Case(name, "GATHER", [Tensor(dtype, shape, *q), index], [Tensor(dtype, out, *q)], options("GatherOptions", axis=axis), 2)


def cases(stream):
    table = [
        ("rows", (5, 3), 0, (4,)),
        ("matrix_of_indices", (6, 2), 0, (2, 3)),
        ("last_axis", (2, 3, 4), -1, (5,)),
        ("middle_constant", (2, 4, 3), 1, [3, 0, 3]),
        ("one", (4, 3), 0, np.int32(2)),
    ]
    for dtype in ("s8", "f32"):
        for name, shape, axis, indices in table:
            full = f"{dtype}_{name}"
            yield gather(full, stream(full), dtype, shape, axis, indices)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 6, rng.integers(1, 4))]
    return gather(name, rng, str(rng.choice(["s8", "f32"])), shape, int(rng.integers(-len(shape), len(shape))),
                  tuple(int(v) for v in rng.integers(1, 4, rng.integers(1, 3))))
