"""Cases of UNPACK."""

from concatenation import moving, quantized
from vectors import options


def unpack(name, rng, dtype, shape, axis):
    out = list(shape)
    count = out.pop(axis)
    return moving(name, "UNPACK", dtype, quantized(rng, dtype), [shape], [out] * count, opts=options("UnpackOptions", axis=axis, num=count), version=2)


def cases(stream):
    table = [("front", (3, 2, 4), 0), ("middle", (2, 3, 2), 1), ("last", (2, 4), -1), ("one", (1, 5), 0)]
    for dtype in ("s8", "f32", "s32"):
        for name, shape, axis in table:
            full = f"{dtype}_{name}"
            yield unpack(full, stream(full), dtype, shape, axis)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 5, rng.integers(2, 5))]
    return unpack(name, rng, str(rng.choice(["s8", "f32", "s32"])), shape, int(rng.integers(-len(shape), len(shape))))
