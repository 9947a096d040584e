"""Cases of SQUEEZE."""

from concatenation import moving, quantized
from vectors import options


def cases(stream):
    table = [("all", (1, 3, 1, 2), (3, 2), ()), ("one", (1, 3, 1, 2), (1, 3, 2), (2,)), ("negative", (2, 1, 1), (2, 1), (-1,))]
    for dtype in ("s8", "s16", "f32"):
        for name, shape, out, axes in table:
            full = f"{dtype}_{name}"
            yield moving(full, "SQUEEZE", dtype, quantized(stream(full), dtype), [shape], [out], opts=options("SqueezeOptions", squeezeDims=list(axes)))
