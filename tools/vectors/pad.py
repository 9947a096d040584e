"""Cases of PAD."""

from concatenation import moving, quantized


def pad(name, rng, dtype, shape, paddings):
    out = [b + n + a for n, (b, a) in zip(shape, paddings)]
    return moving(name, "PAD", dtype, quantized(rng, dtype), [shape], [out], [paddings], version=2)


def cases(stream):
    table = [
        ("image", (1, 4, 5, 3), ((0, 0), (1, 2), (3, 0), (0, 0))),
        ("everywhere", (2, 3, 2, 2), ((1, 0), (0, 2), (1, 1), (2, 1))),
        ("nothing", (2, 3), ((0, 0), (0, 0))),
        ("front", (4,), ((3, 0),)),
        ("five_dimensions", (2, 1, 2, 3, 2), ((0, 1), (1, 0), (0, 0), (2, 1), (1, 1))),
    ]
    for dtype in ("s8", "s16", "f32", "s32"):
        for name, shape, paddings in table:
            full = f"{dtype}_{name}"
            yield pad(full, stream(full), dtype, shape, paddings)


def random_case(name, rng):
    rank = int(rng.integers(1, 6))
    return pad(name, rng, str(rng.choice(["s8", "s16", "f32", "s32"])), [int(v) for v in rng.integers(1, 5, rank)],
               [[int(v) for v in rng.integers(0, 4, 2)] for _ in range(rank)])
