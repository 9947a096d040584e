"""Cases of EXPAND_DIMS."""

from concatenation import moving, quantized
from vectors import options


def cases(stream):
    table = [("front", (3, 2), (1, 3, 2), 0), ("middle", (3, 2), (3, 1, 2), 1), ("last", (3, 2), (3, 2, 1), -1)]
    for dtype in ("s8", "s16", "f32"):
        for name, shape, out, axis in table:
            full = f"{dtype}_{name}"
            yield moving(full, "EXPAND_DIMS", dtype, quantized(stream(full), dtype), [shape], [out], [[axis]], options("ExpandDimsOptions"))
