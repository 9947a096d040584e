"""Cases of SPACE_TO_DEPTH."""

import vectors as v


def blocks(name, dtype, n, h, w, c, b):
    before, after = (n, h * b, w * b, c), (n, h, w, c * b * b)
    quantisation = () if dtype == "f32" else (0.1, 3)
    return v.Case(name, "SPACE_TO_DEPTH", [v.Tensor(dtype, before, *quantisation)], [v.Tensor(dtype, after, *quantisation)],
                  v.options("SpaceToDepthOptions", blockSize=b), random_runs=1)


def cases(stream):
    yield blocks("s8_block_2", "s8", 1, 2, 3, 4, 2)
    yield blocks("s8_block_3", "s8", 1, 2, 1, 2, 3)
    yield blocks("f32_block_2", "f32", 1, 3, 2, 1, 2)
