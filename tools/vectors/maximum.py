"""Cases of MAXIMUM, and those of MINIMUM with it."""

import numpy as np

from binary import TABLE
from concatenation import quantized
from vectors import Case, Tensor, constant, options, random_values


def extremum(op, name, rng, dtype, a_shape, b_shape, constant_b=False, same=False, **_):
    q = quantized(rng, dtype)
    a = Tensor(dtype, a_shape, *q)
    b = a if same else Tensor(dtype, b_shape, *q)
    if constant_b:
        b = constant(dtype, random_values(rng, dtype, b_shape), *q)
    return Case(name, op, [a, b], [Tensor(dtype, np.broadcast_shapes(a_shape, b_shape), *q)], options("MaximumMinimumOptions"), 2)


def extremum_cases(op, stream):
    for dtype in ("s8", "s16", "s32", "f32"):
        for name, a, b, extra in TABLE:
            full = f"{dtype}_{name}"
            yield extremum(op, full, stream(full), dtype, a, b, **extra)


def cases(stream):
    return extremum_cases("MAXIMUM", stream)
