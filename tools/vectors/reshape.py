"""Cases of RESHAPE."""

import numpy as np
from vectors import Case, Tensor, activation, constant, options


def reshape(name, rng, dtype, before, after, new_shape=None, shape_input=True):
    """new_shape: what the operator is told, -1 included; default `after`."""
    told = list(after) if new_shape is None else new_shape
    inp = activation(rng, dtype, before)
    shape = [constant("s32", np.array(told, np.int32))] if shape_input else []
    return Case(name, "RESHAPE", [inp] + shape, [Tensor(dtype, after, inp.scale, inp.zero_point)],
                options("ReshapeOptions", newShape=told), random_runs=1)


def cases(stream):
    yield reshape("s8_flatten", stream("a"), "s8", (1, 2, 3, 4), (1, 24))
    yield reshape("s8_minus_one", stream("b"), "s8", (2, 3, 4), (2, 12), [2, -1])
    yield reshape("s16_option_only", stream("c"), "s16", (1, 6), (1, 2, 3), shape_input=False)
    yield reshape("f32_more_dims", stream("d"), "f32", (6,), (1, 2, 1, 3))
