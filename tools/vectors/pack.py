"""Cases of PACK."""

from concatenation import moving, quantized
from vectors import options


def pack(name, rng, dtype, shape, axis, count):
    out = list(shape)
    out.insert(axis if axis >= 0 else axis + len(shape) + 1, count)
    return moving(name, "PACK", dtype, quantized(rng, dtype), [shape] * count, [out], opts=options("PackOptions", axis=axis, valuesCount=count), version=2)


def cases(stream):
    table = [("front", (2, 3), 0, 3), ("middle", (2, 3), 1, 2), ("last", (2, 3), -1, 4), ("one", (4,), 0, 1)]
    for dtype in ("s8", "f32", "s32"):
        for name, shape, axis, count in table:
            full = f"{dtype}_{name}"
            yield pack(full, stream(full), dtype, shape, axis, count)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 5, rng.integers(1, 4))]
    return pack(name, rng, str(rng.choice(["s8", "f32", "s32"])), shape, int(rng.integers(-len(shape) - 1, len(shape) + 1)), int(rng.integers(1, 5)))
