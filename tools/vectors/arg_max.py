"""Cases of ARG_MAX."""

from vectors import Case, Tensor, activation, constant, options


def arg_max(name, rng, dtype, shape, axis):
    out = list(shape)
    out.pop(axis)
    return Case(name, "ARG_MAX", [activation(rng, dtype, shape), constant("s32", axis)], [Tensor("s32", out)],
                options("ArgMaxOptions", outputType=2))


def cases(stream):
    table = [("last", (2, 3, 10), -1), ("first", (4, 3), 0), ("middle", (2, 5, 3), 1), ("vector", (9,), 0)]
    for dtype in ("s8", "f32"):
        for name, shape, axis in table:
            full = f"{dtype}_{name}"
            yield arg_max(full, stream(full), dtype, shape, axis)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 7, rng.integers(1, 5))]
    return arg_max(name, rng, str(rng.choice(["s8", "f32"])), shape, int(rng.integers(-len(shape), len(shape))))
