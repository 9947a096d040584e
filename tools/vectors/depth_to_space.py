"""Cases of DEPTH_TO_SPACE."""

import vectors as v


def blocks(name, dtype, n, h, w, c, b):
    before, after = (n, h, w, c * b * b), (n, h * b, w * b, c)
    quantisation = () if dtype == "f32" else (0.1, 3)
    return v.Case(name, "DEPTH_TO_SPACE", [v.Tensor(dtype, before, *quantisation)], [v.Tensor(dtype, after, *quantisation)],
                  v.options("DepthToSpaceOptions", blockSize=b), random_runs=1)


def cases(stream):
    yield blocks("s8_block_2", "s8", 1, 2, 3, 4, 2)
    yield blocks("s8_block_3", "s8", 1, 2, 1, 2, 3)
    yield blocks("f32_block_2", "f32", 1, 3, 2, 1, 2)
