"""What the cases of ADD, SUB and MUL share."""

import numpy as np
from conv_2d import ACTIVATIONS
from vectors import Case, Tensor, activation, constant, options, random_values, zero_point

OPTIONS = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions"}


def quantised_output(op, a, b, shape, rng):
    """An output whose scale fills its type without saturating much."""
    if a.type in ("f32", "s32"):
        return Tensor(a.type, shape)
    ends = 256.0 if a.type == "s8" else 65536.0
    scale = a.scale * b.scale * ends / 2 if op == "MUL" else a.scale + b.scale
    return Tensor(a.type, shape, float(np.float32(scale * rng.uniform(0.3, 1.2))), zero_point(rng, a.type))


def binary(op, name, rng, dtype, a_shape, b_shape, act="none", constant_b=False, same=False):
    def operand(shape):
        return Tensor("s32", shape) if dtype == "s32" else activation(rng, dtype, shape)

    a = operand(a_shape)
    b = a if same else operand(b_shape)
    if constant_b:
        b = constant(dtype, random_values(rng, dtype, b_shape), b.scale, b.zero_point)
        b.shape = tuple(b_shape)
    out = quantised_output(op, a, b, np.broadcast_shapes(a_shape, b_shape), rng)
    return Case(name, op, [a, b], [out], options(OPTIONS[op], fusedActivationFunction=ACTIVATIONS[act]),
                version=4 if dtype == "s16" else 2)


TABLE = [
    ("same_shape", (1, 3, 4, 5), (1, 3, 4, 5), dict(act="relu")),
    ("same_tensor", (2, 7), (2, 7), dict(same=True)),
    ("per_channel", (1, 3, 4, 5), (5,), dict(constant_b=True, act="relu6")),
    ("per_channel_first", (1, 1, 1, 5), (1, 3, 4, 5), dict()),
    ("one_element", (2, 3, 4), (1,), dict(act="relu_n1_to_1")),
    ("scalar_constant", (2, 3), (), dict(constant_b=True)),
    ("both_ways", (3, 1, 4), (1, 2, 1), dict()),
    ("rank_5", (2, 1, 3, 1, 4), (1, 2, 1, 3, 1), dict()),
]


def cases(op, stream):
    for dtype in ("s8", "s16", "f32"):
        for name, a, b, extra in TABLE:
            full = f"{dtype}_{name}"
            yield binary(op, full, stream(full), dtype, a, b, **extra)
    for name, a, b in (("s32_same_shape", (2, 6), (2, 6)), ("s32_broadcast", (2, 3), (1, 3))):
        yield binary(op, name, stream(name), "s32", a, b)


def random_case(op, name, rng):
    dtype = str(rng.choice(["s8", "s16", "f32"]))
    shape = [int(v) for v in rng.integers(1, 5, int(rng.integers(1, 5)))]
    thin = lambda: [1 if rng.integers(4) == 0 else d for d in shape]
    a, b = thin(), thin()
    return binary(op, name, rng, dtype, a, b[int(rng.integers(len(b))):] or [1], str(rng.choice(list(ACTIVATIONS))), bool(rng.integers(2)))
