"""Cases of RSQRT."""

import numpy as np

from vectors import Case, Tensor


def cases(stream):
    magnitudes = np.logspace(-30, 30, 200).astype(np.float32).reshape(2, 100)
    yield Case("f32", "RSQRT", [Tensor("f32", (2, 100), low=0.001, high=50)], [Tensor("f32", (2, 100))], extra_runs=[[magnitudes]])
