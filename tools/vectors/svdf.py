"""Cases of SVDF with int8 activations and a state of int8 or int16 that goes on from run to run."""

import numpy as np

import vectors as v


def svdf(name, rng, dtype, features, units, rank, memory, zero_point=-128, activation=1):
    x = v.Tensor("s8", (1, features), 0.05, int(rng.integers(-128, 128)))
    w = v.constant("s8", rng.integers(-127, 127, (units * rank, features), endpoint=True), 0.01)
    full, most = (8000, 3000) if dtype == "s16" else (50, 100)
    state_scale = float(np.float32(features**0.5 * 74 * 74 * 5e-4 / full))
    t = v.constant(dtype, rng.integers(-most, most, (units * rank, memory)), 0.0001)
    b = v.constant("s32", rng.integers(-full * most // 4, full * most // 4, units), state_scale * 1e-4)
    state = v.Tensor(dtype, (1, units * rank * memory), state_scale, 0 if dtype == "s16" else int(rng.integers(-60, 60)),
                     variable=True)
    y = v.Tensor("s8", (1, units), float(np.float32((rank * memory) ** 0.5 * full * most * 0.6 * state_scale * 1e-4 / 50)), zero_point)
    return v.Case(name, "SVDF", [x, w, t, b, state], [y],
                  v.options("SVDFOptions", rank=rank, fusedActivationFunction=activation), version=3, random_runs=8,
                  reset_between_runs=False)


def cases(stream):
    for dtype in ("s8", "s16"):
        yield svdf(f"{dtype}_one_filter", stream(f"{dtype}_one_filter"), dtype, 5, 1, 1, 3)
        yield svdf(f"{dtype}_rank_2", stream(f"{dtype}_rank_2"), dtype, 8, 4, 2, 10, zero_point=4)


def random_case(name, rng):
    return svdf(name, rng, str(rng.choice(["s8", "s16"])), int(rng.integers(1, 20)), int(rng.integers(1, 8)),
                int(rng.integers(1, 4)), int(rng.integers(2, 12)), int(rng.integers(-128, 128)))
