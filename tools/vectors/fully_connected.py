"""Cases of FULLY_CONNECTED."""

import math

from conv_2d import ACTIVATIONS
from vectors import Case, Tensor, activation, bias, options, output_scale, weights, zero_point


def fully_connected(name, rng, dtype, x, units, keep=False, act="none", with_bias=True, per_channel=False, wide_bias=True, absent=False,
                    depth=None, w4=False):
    """x: the input's shape; weights are [units, depth], of 4 bits with w4."""
    depth = depth or x[-1]
    inp = activation(rng, dtype, x)
    w = weights(rng, "s4" if w4 else dtype, (units, depth), 0, per_channel)
    out_shape = (*x[:-1], units) if keep else (math.prod(x) // depth, units)
    out = Tensor(dtype, out_shape, output_scale(inp, w, depth), zero_point(rng, dtype))
    biases = [bias(rng, dtype, units, wide_bias)] if with_bias else [None] if absent else []
    return Case(
        name,
        "FULLY_CONNECTED",
        [inp, w] + biases,
        [out],
        options("FullyConnectedOptions", keepNumDims=keep, fusedActivationFunction=ACTIVATIONS[act]),
        version=4,
    )


def cases(stream):
    table = [
        ("1x20_to_7", (1, 20), 7, dict(act="relu")),
        ("batch_3", (3, 5), 4, dict(act="relu6")),
        ("no_bias", (1, 6), 3, dict(with_bias=False)),
        ("absent_bias", (2, 6), 3, dict(with_bias=False, absent=True)),
        ("rank_3_keep_num_dims", (2, 3, 4), 5, dict(keep=True)),
        ("rank_4_flattened", (1, 2, 3, 4), 5, dict(depth=24)),
        ("rank_3_rows", (2, 3, 4), 5, dict(act="relu_n1_to_1")),
        ("rank_1", (6,), 3, dict()),
    ]
    for dtype in ("s8", "s16", "f32"):
        for name, x, units, extra in table:
            full = f"{dtype}_{name}"
            yield fully_connected(full, stream(full), dtype, x, units, **extra)
    yield fully_connected("s16_bias32", stream("s16_bias32"), "s16", (2, 9), 4, wide_bias=False)
    yield fully_connected("s8_per_channel", stream("s8_per_channel"), "s8", (2, 11), 5, per_channel=True)
    # TFLM refuses a bias without a scale where few small products make the output's scale small: hence the long rows.
    yield fully_connected("s8_w4_odd_number", stream("s8_w4_odd_number"), "s8", (2, 65), 3, act="relu", w4=True)
    yield fully_connected("s8_w4_even_rows", stream("s8_w4_even_rows"), "s8", (1, 64), 4, w4=True)


def random_case(name, rng):
    dtype = str(rng.choice(["s8", "s16", "f32"]))
    x = [int(v) for v in rng.integers(1, 6, int(rng.integers(1, 5)))]
    x[-1] = int(rng.integers(1, 40))
    per_channel = dtype == "s8" and bool(rng.integers(2))
    keep = len(x) > 1 and bool(rng.integers(2))
    return fully_connected(name, rng, dtype, x, int(rng.integers(1, 12)), keep, str(rng.choice(list(ACTIVATIONS))), bool(rng.integers(2)),
                           per_channel)
