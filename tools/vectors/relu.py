"""Cases of RELU, and the table of cases that all unary activations share."""

import numpy as np

from vectors import Case, Tensor, activation, real_scale, zero_point

ALL_S8 = (1, 256)  # the ramp pattern visits every int8 value
SOME_S16 = (2, 150)
ACROSS_S16 = [[np.linspace(-(2**15), 2**15 - 1, 300).astype(np.int16).reshape(SOME_S16)]]  # a run over the whole range


def unary(name, op, x, y, version=1, **extra):
    extra.setdefault("random_runs", 1)
    return Case(name, op, [x], [y], version=version, **extra)


def s16_unary(name, op, x, y, version=1, **extra):
    """x, y: scale and zero point."""
    return unary(name, op, Tensor("s16", SOME_S16, *x), Tensor("s16", SOME_S16, *y), version, extra_runs=ACROSS_S16, **extra)


def quantized_pairs(rng):
    """Input and output (scale, zero point), with zero points at the ends, equal and very different scales."""
    yield "zero_points_low", (0.05, -128), (0.025, -128)
    yield "zero_points_high", (0.02, 127), (0.1, 127)
    yield "opposite_ends", (0.1, -128), (0.1, 127)
    yield "same", (0.0235, 3), (0.0235, 3)
    yield "coarse_to_fine", (0.2, 11), (0.0021, -7)
    yield "fine_to_coarse", (0.0021, -11), (0.2, 100)
    for i in range(3):
        yield f"any_{i}", (real_scale(rng), zero_point(rng)), (real_scale(rng), zero_point(rng))


def s8_cases(op, stream, **extra):
    for name, x, y in quantized_pairs(stream("s8")):
        yield unary(f"s8_{name}", op, Tensor("s8", ALL_S8, *x), Tensor("s8", ALL_S8, *y), **extra)


def s16_cases(op, stream, version=1, **extra):
    for i, (x, y) in enumerate([(0.0003, 0.0003), (0.001, 0.0004), (0.0002, 0.003)]):
        yield s16_unary(f"s16_{i}", op, (x, 0), (y, 0), version, **extra)


def f32_case(op, **extra):
    return unary("f32", op, Tensor("f32", (2, 3, 40), low=-20, high=20), Tensor("f32", (2, 3, 40)), **extra)


def random_unary(name, op, rng, dtypes, version=1, **extra):
    dtype = str(rng.choice(dtypes))
    shape = ALL_S8 if dtype == "s8" else [int(v) for v in rng.integers(1, 9, rng.integers(1, 5))]
    return unary(name, op, activation(rng, dtype, shape), activation(rng, dtype, shape), version=version, **extra)


def cases(stream):
    yield from s8_cases("RELU", stream, version=2)
    yield from s16_cases("RELU", stream, version=3)
    yield f32_case("RELU")


def random_case(name, rng):
    return random_unary(name, "RELU", rng, ["s8", "s16", "f32"], version=3)
