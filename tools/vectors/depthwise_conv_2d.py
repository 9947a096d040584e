"""Cases of DEPTHWISE_CONV_2D."""

from conv_2d import ACTIVATIONS
from vectors import Case, Tensor, activation, bias, options, output_scale, weights, window_out, zero_point


def depthwise(name, rng, dtype, x, k, multiplier=1, stride=(1, 1), dilation=(1, 1), same=True, act="none", with_bias=True,
              per_channel=True, wide_bias=True, w4=False):
    """x: [N,H,W,C]; k: [KH,KW]; w4: weights of 4 bits."""
    channels = x[3] * multiplier
    inp = activation(rng, dtype, x)
    w = weights(rng, "s4" if w4 else dtype, (1, k[0], k[1], channels), 3, per_channel)
    out_shape = (x[0], window_out(x[1], k[0], stride[0], dilation[0], same), window_out(x[2], k[1], stride[1], dilation[1], same), channels)
    out = Tensor(dtype, out_shape, output_scale(inp, w, k[0] * k[1]), zero_point(rng, dtype))
    return Case(
        name,
        "DEPTHWISE_CONV_2D",
        [inp, w] + ([bias(rng, dtype, channels, wide_bias)] if with_bias else []),
        [out],
        options("DepthwiseConv2DOptions", padding=0 if same else 1, strideH=stride[0], strideW=stride[1], depthMultiplier=multiplier,
                dilationHFactor=dilation[0], dilationWFactor=dilation[1], fusedActivationFunction=ACTIVATIONS[act]),
        version=3,
    )


def cases(stream):
    table = [
        ("3x3_same", (1, 5, 6, 4), (3, 3), dict(act="relu")),
        ("1x1", (1, 3, 3, 5), (1, 1), dict(same=False)),
        ("multiplier_3_stride_2_3_valid", (2, 7, 9, 2), (2, 4), dict(multiplier=3, stride=(2, 3), same=False, act="relu6")),
        ("dilation_2_1_multiplier_2", (1, 8, 7, 2), (3, 3), dict(dilation=(2, 1), multiplier=2)),
        ("10x4_from_one_channel", (1, 12, 10, 1), (10, 4), dict(multiplier=2, stride=(2, 2))),
        ("no_bias", (1, 4, 4, 3), (2, 2), dict(with_bias=False)),
        ("relu_n1_to_1", (1, 4, 4, 2), (1, 3), dict(act="relu_n1_to_1")),
        ("kernel_larger_than_input", (1, 2, 2, 2), (4, 5), dict()),
    ]
    for dtype in ("s8", "s16", "f32"):
        for name, x, k, extra in table:
            full = f"{dtype}_{name}"
            yield depthwise(full, stream(full), dtype, x, k, **extra)
    yield depthwise("s8_per_tensor", stream("s8_per_tensor"), "s8", (1, 4, 4, 3), (2, 2), per_channel=False)
    yield depthwise("s8_w4_odd_number", stream("s8_w4_odd_number"), "s8", (1, 5, 4, 3), (3, 3), act="relu", w4=True)
    yield depthwise("s8_w4_multiplier_2", stream("s8_w4_multiplier_2"), "s8", (1, 5, 6, 2), (2, 3), multiplier=2, stride=(2, 2), w4=True)


def random_case(name, rng):
    dtype = str(rng.choice(["s8", "s16", "f32"]))
    same = bool(rng.integers(2))
    k = [int(v) for v in rng.integers(1, 5, 2)]
    dilation = tuple(int(v) for v in rng.integers(1, 3, 2))
    least = [1 if same else (k[i] - 1) * dilation[i] + 1 for i in range(2)]
    x = (int(rng.integers(1, 3)), least[0] + int(rng.integers(0, 6)), least[1] + int(rng.integers(0, 6)), int(rng.integers(1, 5)))
    stride = int(rng.integers(1, 4))
    return depthwise(name, rng, dtype, x, k, int(rng.integers(1, 4)), (stride, stride), dilation, same,
                     str(rng.choice(list(ACTIVATIONS))), bool(rng.integers(2)), bool(rng.integers(2)))
