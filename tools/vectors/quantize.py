"""Cases of QUANTIZE: from float, and between integer types."""

import numpy as np

from relu import ACROSS_S16, ALL_S8, SOME_S16
from vectors import Case, Tensor, real_scale, zero_point

PAIRS = [(a, b) for a, bs in {
    "s8": ("s8", "u8", "s16", "s32"), "u8": ("s8",), "s16": ("s8", "s16", "s32"), "s32": ("s8", "s16"), "f32": ("s8", "s16"),
}.items() for b in bs]


def ends(dtype):
    return {"s8": (-128, 127), "u8": (0, 255)}.get(dtype, (0, 0))


def quantize(name, a, b, qa, qb):
    shape = {"s8": ALL_S8, "u8": ALL_S8, "s16": SOME_S16}.get(a, (2, 75))
    extra = ACROSS_S16 if a == "s16" else ()
    limits = {}
    if a == "f32":
        # Ties: whole and half steps of the output, around its range.
        steps = np.linspace(-150, 148, 150) if b == "s8" else np.linspace(-40000, 39999.5, 150).round() + 0.5
        extra = [[(steps * qb[0]).astype(np.float32).reshape(shape)]]
        limits = dict(low=-200 * qb[0], high=200 * qb[0]) if b == "s8" else dict(low=-40000 * qb[0], high=40000 * qb[0])
    return Case(name, "QUANTIZE", [Tensor(a, shape, *qa, **limits)], [Tensor(b, shape, *qb)], version=2, extra_runs=extra, random_runs=0 if a in ("s8", "u8") else 1)


def scale(rng, dtype):
    return real_scale(rng, 0.0001, 0.005) if dtype in ("s16", "s32") else real_scale(rng)


def cases(stream):
    for a, b in PAIRS:
        rng = stream(f"{a}_{b}")
        if a == "f32":
            for i, z in enumerate([ends(b)[0], ends(b)[1], 3 if b == "s8" else 0]):
                yield quantize(f"f32_{b}_{i}", a, b, (None, 0), (scale(rng, b), z))
            yield quantize(f"f32_{b}_exact", a, b, (None, 0), (0.25, 0))
            continue
        yield quantize(f"{a}_{b}_low_to_high", a, b, (scale(rng, a), ends(a)[0]), (scale(rng, b), ends(b)[1]))
        yield quantize(f"{a}_{b}_high_to_low", a, b, (scale(rng, a), ends(a)[1]), (scale(rng, b), ends(b)[0]))
        same = real_scale(rng, 0.001, 0.01)
        yield quantize(f"{a}_{b}_same_scale", a, b, (same, ends(a)[0]), (same, ends(b)[0]))
        yield quantize(f"{a}_{b}_half", a, b, (same, 0), (2 * same, 0))


def random_case(name, rng):
    a, b = PAIRS[int(rng.integers(len(PAIRS)))]
    point = lambda t: zero_point(rng, t) + (128 if t == "u8" else 0)
    return quantize(name, a, b, (None, 0) if a == "f32" else (scale(rng, a), point(a)), (scale(rng, b), point(b)))
