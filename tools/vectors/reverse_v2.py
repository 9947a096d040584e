"""Cases of REVERSE_V2."""

import vectors as v


def reverse(name, dtype, shape, axis):
    quantisation = () if dtype == "f32" else (0.1, 3)
    return v.Case(name, "REVERSE_V2", [v.Tensor(dtype, shape, *quantisation), v.constant("s32", [axis])],
                  [v.Tensor(dtype, shape, *quantisation)], random_runs=1)


def cases(stream):
    yield reverse("s8_first", "s8", (3, 4), 0)
    yield reverse("s8_middle", "s8", (2, 3, 4), 1)
    yield reverse("f32_last", "f32", (2, 5), 1)
