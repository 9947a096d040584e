"""Cases of SQUARED_DIFFERENCE."""

import numpy as np

from binary import TABLE
from vectors import Case, Tensor, activation, constant, options, random_values, zero_point


def squared_difference(name, rng, dtype, a_shape, b_shape, constant_b=False, same=False, **_):
    a = activation(rng, dtype, a_shape)
    b = a if same else activation(rng, dtype, b_shape)
    if constant_b:
        b = constant(dtype, random_values(rng, dtype, b_shape), b.scale, b.zero_point)
    shape = np.broadcast_shapes(a_shape, b_shape)
    if dtype == "f32":
        y = Tensor(dtype, shape)
    else:
        widest = 200 * max(a.scale, b.scale)
        y = Tensor(dtype, shape, float(np.float32(widest**2 / 255 * rng.uniform(0.2, 1.5))), zero_point(rng))
    return Case(name, "SQUARED_DIFFERENCE", [a, b], [y], options("SquaredDifferenceOptions"), 2)


def cases(stream):
    for dtype in ("s8", "f32"):
        for name, a, b, extra in TABLE:
            full = f"{dtype}_{name}"
            yield squared_difference(full, stream(full), dtype, a, b, **extra)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 5, int(rng.integers(1, 5)))]
    thin = [1 if rng.integers(4) == 0 else d for d in shape]
    return squared_difference(name, rng, str(rng.choice(["s8", "f32"])), shape, thin)
