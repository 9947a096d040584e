"""Cases of SLICE."""

from concatenation import moving, quantized


def slice_(name, rng, dtype, shape, begin, size):
    out = [n - b if s == -1 else s for n, b, s in zip(shape, begin, size)]
    return moving(name, "SLICE", dtype, quantized(rng, dtype), [shape], [out], [begin, size], version=2)


def cases(stream):
    table = [
        ("window", (1, 5, 6, 3), (0, 1, 2, 0), (1, 3, 4, 3)),
        ("rest", (4, 6), (1, 2), (-1, 3)),
        ("all", (2, 3), (0, 0), (-1, -1)),
        ("one_element", (3, 4, 5), (2, 3, 4), (1, 1, 1)),
    ]
    for dtype in ("s8", "s16", "f32", "s32"):
        for name, shape, begin, size in table:
            full = f"{dtype}_{name}"
            yield slice_(full, stream(full), dtype, shape, begin, size)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 7, rng.integers(1, 5))]
    begin = [int(rng.integers(0, n)) for n in shape]
    size = [int(rng.integers(1, n - b + 1)) for n, b in zip(shape, begin)]
    return slice_(name, rng, str(rng.choice(["s8", "s16", "f32", "s32"])), shape, begin, size)
