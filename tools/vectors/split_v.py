"""Cases of SPLIT_V."""

from concatenation import moving, quantized
from vectors import options


def split_v(name, rng, dtype, shape, axis, sizes):
    """shape is that of the whole; a size of -1 takes the rest."""
    rest = shape[axis] - sum(s for s in sizes if s != -1)
    outs = []
    for s in sizes:
        out = list(shape)
        out[axis] = rest if s == -1 else s
        outs.append(out)
    return moving(name, "SPLIT_V", dtype, quantized(rng, dtype), [shape], outs, [sizes, axis], options("SplitVOptions", numSplits=len(sizes)), 2)


def cases(stream):
    table = [
        ("channels", (1, 11, 1, 8), -1, (4, 4)),
        ("uneven", (2, 7, 3), 1, (1, 4, 2)),
        ("one_part", (2, 3), 0, (2,)),
    ]
    for dtype in ("s8", "s16", "f32"):
        for name, shape, axis, sizes in table:
            full = f"{dtype}_{name}"
            yield split_v(full, stream(full), dtype, shape, axis, sizes)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 5, rng.integers(1, 5))]
    axis = int(rng.integers(len(shape)))
    sizes = [int(v) for v in rng.integers(1, 5, rng.integers(1, 5))]
    shape[axis] = sum(sizes)
    return split_v(name, rng, str(rng.choice(["s8", "s16", "f32"])), shape, axis, sizes)
