"""Cases of TRANSPOSE."""

from concatenation import moving, quantized


def transpose(name, rng, dtype, shape, permutation):
    return moving(name, "TRANSPOSE", dtype, quantized(rng, dtype), [shape], [[shape[p] for p in permutation]], [permutation], version=2)


def cases(stream):
    table = [
        ("rows_and_columns", (3, 5), (1, 0)),
        ("nhwc_to_nchw", (1, 4, 3, 5), (0, 3, 1, 2)),
        ("nchw_to_nhwc", (2, 3, 4, 2), (0, 2, 3, 1)),
        ("reversed", (2, 3, 4, 5), (3, 2, 1, 0)),
        ("identity", (2, 3, 4), (0, 1, 2)),
        ("only_ones_move", (1, 6, 1, 2), (2, 1, 0, 3)),
        ("five_dimensions", (2, 3, 1, 2, 4), (4, 1, 0, 2, 3)),
    ]
    for dtype in ("s8", "s16", "f32"):
        for name, shape, permutation in table:
            full = f"{dtype}_{name}"
            yield transpose(full, stream(full), dtype, shape, permutation)


def random_case(name, rng):
    rank = int(rng.integers(1, 6))
    return transpose(name, rng, str(rng.choice(["s8", "s16", "f32"])), [int(v) for v in rng.integers(1, 5, rank)],
                     [int(v) for v in rng.permutation(rank)])
