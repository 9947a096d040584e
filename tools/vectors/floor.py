"""Cases of FLOOR."""

import numpy as np

import vectors as v


def unary(name, shape, values=None):
    x, y = v.Tensor("f32", shape), v.Tensor("f32", shape)
    extra = () if values is None else ([np.asarray(values, np.float32).reshape(shape)],)
    return v.Case(name, "FLOOR", [x], [y], extra_runs=extra)


def cases(stream):
    yield unary("f32_halves", (8,), [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 1e9, -0.0])
    yield unary("f32_image", (1, 3, 2, 2))
