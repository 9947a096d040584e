"""Cases of SOFTMAX."""

import numpy as np
from vectors import Case, Tensor, options, real_scale, zero_point

OUTPUTS = {"s8": (1 / 256, -128), "s16": (1 / 32768, 0), "f32": (None, 0)}


def softmax(name, rng, dtype, shape, beta=1.0, out=None, scale=None, random_runs=4):
    out = out or dtype
    if dtype == "f32":
        inp = Tensor("f32", shape)
    else:
        low, high = (0.005, 0.3) if dtype == "s8" else (0.00005, 0.001)
        inp = Tensor(dtype, shape, scale or real_scale(rng, low, high), zero_point(rng, dtype))
    out_scale, out_zero = (1 / 65536, -32768) if (dtype, out) == ("s8", "s16") else OUTPUTS[out]
    return Case(name, "SOFTMAX", [inp], [Tensor(out, shape, out_scale, out_zero)], options("SoftmaxOptions", beta=beta),
                version=2, random_runs=random_runs)


def cases(stream):
    for dtype, out in (("s8", "s8"), ("s8", "s16"), ("s16", "s16"), ("f32", "f32")):
        kind = dtype if dtype == out else f"{dtype}_{out}"
        for name, shape, extra in (
            ("1x12", (1, 12), {}),
            ("rank_4", (1, 2, 3, 5), {}),
            ("rank_1", (9,), {}),
            ("one_element", (3, 1), {}),
            ("beta_half", (2, 10), dict(beta=0.5)),
            ("beta_3", (2, 10), dict(beta=3.0)),
            ("wide", (1, 130), dict(random_runs=2)),
        ):
            full = f"{kind}_{name}"
            yield softmax(full, stream(full), dtype, shape, out=out, **extra)
    yield softmax("s8_tiny_scale", stream("s8_tiny_scale"), "s8", (1, 20), scale=1e-5)
    yield softmax("s8_huge_scale", stream("s8_huge_scale"), "s8", (1, 20), scale=4.0)
    yield softmax("s16_huge_scale", stream("s16_huge_scale"), "s16", (1, 20), scale=0.01)


def random_case(name, rng):
    dtype, out = [("s8", "s8"), ("s8", "s16"), ("s16", "s16"), ("f32", "f32")][int(rng.integers(4))]
    shape = [int(v) for v in rng.integers(1, 6, int(rng.integers(1, 5)))]
    shape[-1] = int(rng.integers(1, 40))
    return softmax(name, rng, dtype, shape, float(np.float32(rng.uniform(0.2, 3))), out)
