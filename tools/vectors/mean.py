"""Cases of MEAN."""

from vectors import Case, Tensor, activation, constant, options


def mean(name, rng, dtype, shape, axes, keep, same=False):
    positive = {a % len(shape) for a in axes}
    out = [1 if d in positive else n for d, n in enumerate(shape) if keep or d not in positive]
    x = activation(rng, dtype, shape)
    y = Tensor(dtype, out, x.scale, x.zero_point) if same else activation(rng, dtype, out)
    return Case(name, "MEAN", [x, constant("s32", axes)], [y], options("ReducerOptions", keepDims=keep), version=2)


def cases(stream):
    table = [
        ("image", (2, 5, 7, 3), (1, 2), False, {}),
        ("image_kept", (2, 5, 7, 3), (1, 2), True, {}),
        ("image_kept_reversed", (1, 4, 4, 5), (2, 1), True, dict(same=True)),
        ("image_same_scale", (1, 6, 6, 2), (1, 2), False, dict(same=True)),
        ("last", (1, 6, 3, 3), (3,), False, dict(same=True)),
        ("first_and_third", (3, 2, 4, 3), (0, 2), False, {}),
        ("all", (2, 3, 4), (0, 1, 2), False, {}),
        ("negative_and_twice", (2, 3, 4), (-1, 2), True, {}),
        ("size_one", (1, 3, 1, 2), (0, 2), False, {}),
        ("five_dimensions", (2, 3, 2, 3, 2), (0, 2, 4), False, {}),
        ("many", (1, 33, 31, 1), (1, 2), False, {}),
    ]
    for dtype in ("s8", "s16", "f32"):
        for name, shape, axes, keep, extra in table:
            full = f"{dtype}_{name}"
            yield mean(full, stream(full), dtype, shape, axes, keep, **extra)


def random_case(name, rng):
    rank = int(rng.integers(1, 6))
    axes = [int(a) for a in rng.permutation(rank)[: int(rng.integers(1, rank + 1))]]
    return mean(name, rng, str(rng.choice(["s8", "s16", "f32"])), [int(v) for v in rng.integers(1, 8, rank)], axes,
                bool(rng.integers(2)), bool(rng.integers(2)))
