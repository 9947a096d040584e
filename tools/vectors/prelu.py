"""Cases of PRELU."""

from vectors import Case, Tensor, activation, constant, random_values, real_scale, zero_point


def prelu(name, rng, dtype, shape, alpha_shape, fed=False):
    x = activation(rng, dtype, shape)
    y = activation(rng, dtype, shape)
    q = (None, 0) if dtype == "f32" else (real_scale(rng, 0.001, 0.02), zero_point(rng))
    alpha = Tensor(dtype, alpha_shape, *q) if fed else constant(dtype, random_values(rng, dtype, alpha_shape, *((-2, 2) if dtype == "f32" else ())), *q)
    return Case(name, "PRELU", [x, alpha], [y])


def cases(stream):
    table = [
        ("channels", (1, 4, 5, 6), (1, 1, 6), {}),
        ("every_element", (2, 3, 4), (2, 3, 4), {}),
        ("one_slope", (3, 40), (1,), {}),
        ("rows", (1, 4, 3, 2), (4, 1, 1), {}),
        ("fed", (2, 3, 4), (4,), dict(fed=True)),
    ]
    for dtype in ("s8", "f32"):
        for name, shape, alpha, extra in table:
            full = f"{dtype}_{name}"
            yield prelu(full, stream(full), dtype, shape, alpha, **extra)


def random_case(name, rng):
    shape = [int(v) for v in rng.integers(1, 6, rng.integers(1, 5))]
    alpha = [n if rng.integers(2) else 1 for n in shape]
    return prelu(name, rng, str(rng.choice(["s8", "f32"])), shape, alpha[int(rng.integers(0, len(alpha))):], bool(rng.integers(2)))
