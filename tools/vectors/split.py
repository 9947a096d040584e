"""Cases of SPLIT."""

from concatenation import moving, quantized
from vectors import options


def split(name, rng, dtype, shape, axis, parts):
    out = list(shape)
    out[axis] //= parts
    return moving(name, "SPLIT", dtype, quantized(rng, dtype), [shape], [out] * parts, [axis], options("SplitOptions", numSplits=parts),
                  2, constants_first=True)


def cases(stream):
    table = [
        ("channels", (1, 3, 2, 6), 3, 3),
        ("rows", (4, 3), 0, 2),
        ("negative_axis", (2, 4, 3), -2, 4),
        ("one_part", (2, 3), 1, 1),
    ]
    for dtype in ("s8", "s16", "f32"):
        for name, shape, axis, parts in table:
            full = f"{dtype}_{name}"
            yield split(full, stream(full), dtype, shape, axis, parts)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 5, rng.integers(1, 5))]
    axis, parts = int(rng.integers(len(shape))), int(rng.integers(1, 5))
    shape[axis] *= parts
    return split(name, rng, str(rng.choice(["s8", "s16", "f32"])), shape, axis, parts)
