"""Cases of DEQUANTIZE."""

from quantize import scale
from relu import ACROSS_S16, ALL_S8, SOME_S16
from vectors import Case, Tensor


def dequantize(name, dtype, q):
    shape = SOME_S16 if dtype == "s16" else ALL_S8
    return Case(name, "DEQUANTIZE", [Tensor(dtype, shape, *q)], [Tensor("f32", shape)], version=2,
                extra_runs=ACROSS_S16 if dtype == "s16" else (), random_runs=0)


def cases(stream):
    for dtype, points in (("s8", (-128, 127, 5)), ("u8", (0, 255, 128)), ("s16", (0, -5000, 32767))):
        for i, z in enumerate(points):
            yield dequantize(f"{dtype}_{i}", dtype, (scale(stream(f"{dtype}_{i}"), dtype), z))


def random_case(name, rng):
    dtype = str(rng.choice(["s8", "u8", "s16"]))
    return dequantize(name, dtype, (scale(rng, dtype), int(rng.integers(-128, 128)) + (128 if dtype == "u8" else 0)))
