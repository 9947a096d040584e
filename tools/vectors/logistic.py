"""Cases of LOGISTIC, and those of TANH with it: both fix the quantisation of their output."""

from relu import ALL_S8, quantized_pairs, s16_unary, unary
from vectors import Tensor, activation

# Input scales of int16: powers of two have a path of their own, and nearly a power of two counts as one.
S16_SCALES = [2**-12, 2**-11, 2**-13, 2**-12 * 1.0005, 2**-12 * 1.002, 0.001, 0.00002, 0.3]


def sigmoid_cases(op, stream, scale, zero):
    for name, x, _ in quantized_pairs(stream("s8")):
        yield unary(f"s8_{name}", op, Tensor("s8", ALL_S8, *x), Tensor("s8", ALL_S8, scale, zero), version=2)
    for i, x in enumerate([1e-7, 1.0, 7.9, 8.1, 1000.0]):
        yield unary(f"s8_extreme_scale_{i}", op, Tensor("s8", ALL_S8, x, 5), Tensor("s8", ALL_S8, scale, zero), version=2)
    for i, x in enumerate(S16_SCALES):
        yield s16_unary(f"s16_{i}", op, (x, 0), (2**-15, 0), 3)
    yield unary("f32", op, Tensor("f32", (1, 200)), Tensor("f32", (1, 200)))
    yield unary("f32_wide", op, Tensor("f32", (1, 200), low=-95, high=95), Tensor("f32", (1, 200)))


def random_sigmoid(name, op, rng, scale, zero):
    dtype = str(rng.choice(["s8", "s16", "f32"]))
    shape = ALL_S8 if dtype == "s8" else (1, 500)
    y = {"s8": (scale, zero), "s16": (2**-15, 0), "f32": (None, 0)}[dtype]
    return unary(name, op, activation(rng, dtype, shape), Tensor(dtype, shape, *y), version=3)


def cases(stream):
    yield from sigmoid_cases("LOGISTIC", stream, 1 / 256, -128)


def random_case(name, rng):
    return random_sigmoid(name, "LOGISTIC", rng, 1 / 256, -128)
