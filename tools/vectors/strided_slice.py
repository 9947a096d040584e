"""Cases of STRIDED_SLICE."""

import numpy as np

from concatenation import moving, quantized
from vectors import options


def strided_slice(name, rng, dtype, shape, begin, end, strides, begin_mask=0, end_mask=0, shrink=0):
    index = []
    for d in range(len(shape)):
        if shrink >> d & 1:
            index.append(begin[d])
        else:
            index.append(slice(None if begin_mask >> d & 1 else begin[d], None if end_mask >> d & 1 else end[d], strides[d]))
    out = np.zeros(shape, np.int8)[tuple(index)].shape
    opts = options("StridedSliceOptions", beginMask=begin_mask, endMask=end_mask, shrinkAxisMask=shrink)
    return moving(name, "STRIDED_SLICE", dtype, quantized(rng, dtype), [shape], [out], [begin, end, strides], opts, 2)


def cases(stream):
    table = [
        ("window", (1, 5, 6, 3), (0, 1, 2, 0), (1, 4, 6, 3), (1, 1, 1, 1), {}),
        ("steps", (2, 7, 5, 2), (0, 0, 1, 0), (2, 7, 5, 2), (1, 3, 2, 1), {}),
        ("masks", (1, 5, 1, 40), (0, -3, 0, 0), (0, 0, 0, 40), (1, 1, 1, 1), dict(begin_mask=13, end_mask=15)),
        ("negative_indices", (4, 6), (-3, -5), (-1, -1), (1, 2), {}),
        ("backwards", (4, 6), (3, 5), (0, 0), (-1, -2), dict(end_mask=2)),
        ("backwards_masks", (3, 4), (0, 0), (0, 0), (-1, -1), dict(begin_mask=3, end_mask=3)),
        ("beyond_the_ends", (4, 6), (-100, 2), (100, 100), (1, 1), {}),
        ("shrink_first", (3, 4, 2), (1, 0, 0), (2, 4, 2), (1, 1, 1), dict(shrink=1)),
        ("shrink_to_scalar", (3, 4), (-1, 2), (0, 3), (1, 1), dict(shrink=3)),
        ("all", (2, 3), (0, 0), (2, 3), (1, 1), {}),
        ("one_dimension", (9,), (1,), (9,), (3,), {}),
    ]
    for dtype in ("s8", "s16", "f32", "s32", "bool"):
        for name, shape, begin, end, strides, masks in table:
            full = f"{dtype}_{name}"
            yield strided_slice(full, stream(full), dtype, shape, begin, end, strides, **masks)


def random_case(name, rng):
    while True:
        rank = int(rng.integers(1, 5))
        shape = [int(v) for v in rng.integers(1, 7, rank)]
        begin, end = ([int(v) for v in rng.integers(-8, 9, rank)] for _ in range(2))
        strides = [int(v) for v in rng.choice([1, 1, 2, 3, -1, -2], rank)]
        masks = dict(begin_mask=int(rng.integers(1 << rank)), end_mask=int(rng.integers(1 << rank)))
        case = strided_slice(name, rng, str(rng.choice(["s8", "s16", "f32", "s32", "bool"])), shape, begin, end, strides, **masks)
        if 0 not in case.outputs[0].shape:
            return case
