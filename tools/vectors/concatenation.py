"""Cases of CONCATENATION, and what the operators that only move elements share."""

from vectors import Case, Tensor, constant, options, real_scale, zero_point


def quantized(rng, dtype):
    """Scale and zero point for tensors that share them; numbers that are not quantised have none."""
    if dtype == "s8":
        return real_scale(rng), zero_point(rng)
    if dtype == "s16":
        return real_scale(rng, 0.0001, 0.005), 0
    return None, 0


def moving(name, op, dtype, q, inputs, outputs, constants=(), opts=None, version=1, constants_first=False):
    """inputs, outputs: shapes; constants: arrays of s32 beside them."""
    fixed = [constant("s32", c) for c in constants]
    given = [Tensor(dtype, s, *q) for s in inputs]
    return Case(name, op, fixed + given if constants_first else given + fixed, [Tensor(dtype, s, *q) for s in outputs], opts,
                version, random_runs=1)


def concatenation(name, rng, dtype, shape, axis, sizes):
    """sizes: of the inputs along the axis."""
    at = axis % len(shape)
    part = lambda n: (*shape[:at], n, *shape[at + 1:])
    return moving(name, "CONCATENATION", dtype, quantized(rng, dtype), [part(n) for n in sizes], [part(sum(sizes))],
                  opts=options("ConcatenationOptions", axis=axis), version=2)


def cases(stream):
    table = [
        ("last_of_4", (1, 3, 4, 0), 3, (2, 5, 1)),
        ("first_of_4", (0, 3, 2, 2), 0, (1, 2)),
        ("middle_of_4", (2, 0, 3, 4), 1, (3, 1, 1, 2)),
        ("negative_axis", (2, 3, 0), -1, (4, 3)),
        ("one_dimension", (0,), 0, (3, 5)),
        ("one_input", (2, 0), 1, (3,)),
        ("ten_inputs", (2, 0), 1, (1, 2, 3, 1, 2, 3, 1, 2, 3, 4)),
    ]
    for dtype in ("s8", "s16", "f32", "s32"):
        for name, shape, axis, sizes in table:
            full = f"{dtype}_{name}"
            yield concatenation(full, stream(full), dtype, shape, axis, sizes)
    yield concatenation("s64_rows", stream("s64_rows"), "s64", (2, 0), 1, (2, 3))


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 6, rng.integers(1, 5))]
    axis = int(rng.integers(-len(shape), len(shape)))
    return concatenation(name, rng, str(rng.choice(["s8", "s16", "f32", "s32"])), shape, axis,
                         [int(v) for v in rng.integers(1, 5, rng.integers(1, 6))])
