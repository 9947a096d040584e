"""Cases of BROADCAST_TO."""

import vectors as v


def broadcast(name, dtype, before, after):
    quantisation = () if dtype == "f32" else (0.1, 3)
    return v.Case(name, "BROADCAST_TO", [v.Tensor(dtype, before, *quantisation), v.constant("s32", after)],
                  [v.Tensor(dtype, after, *quantisation)], version=2, random_runs=1)


def cases(stream):
    yield broadcast("s8_rows", "s8", (1, 4), (3, 4))
    yield broadcast("s8_new_dimensions", "s8", (3, 1), (2, 2, 3, 4))
    yield broadcast("f32_middle", "f32", (2, 1, 3), (2, 4, 3))
