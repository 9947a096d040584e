"""Cases of CONV_2D."""

from vectors import Case, Tensor, activation, bias, options, output_scale, weights, window_out, zero_point

ACTIVATIONS = {"none": 0, "relu": 1, "relu_n1_to_1": 2, "relu6": 3}


def conv(name, rng, dtype, x, k, stride=(1, 1), dilation=(1, 1), same=True, act="none", with_bias=True, per_channel=True,
         wide_bias=True, w4=False):
    """x: [N,H,W,C]; k: [O,KH,KW]; w4: weights of 4 bits."""
    inp = activation(rng, dtype, x)
    w = weights(rng, "s4" if w4 else dtype, (k[0], k[1], k[2], x[3]), 0, per_channel)
    out_shape = (x[0], window_out(x[1], k[1], stride[0], dilation[0], same), window_out(x[2], k[2], stride[1], dilation[1], same), k[0])
    out = Tensor(dtype, out_shape, output_scale(inp, w, k[1] * k[2] * x[3]), zero_point(rng, dtype))
    return Case(
        name,
        "CONV_2D",
        [inp, w] + ([bias(rng, dtype, k[0], wide_bias)] if with_bias else []),
        [out],
        options("Conv2DOptions", padding=0 if same else 1, strideH=stride[0], strideW=stride[1], dilationHFactor=dilation[0],
                dilationWFactor=dilation[1], fusedActivationFunction=ACTIVATIONS[act]),
        version=3,
    )


def cases(stream):
    table = [
        ("3x3_same", (1, 5, 6, 3), (4, 3, 3), dict(act="relu")),
        ("1x1", (1, 3, 3, 8), (5, 1, 1), dict(same=False)),
        ("2x4_stride_2_3_valid", (2, 7, 9, 2), (3, 2, 4), dict(stride=(2, 3), same=False, act="relu6")),
        ("3x3_dilation_2_1", (1, 8, 7, 2), (3, 3, 3), dict(dilation=(2, 1))),
        ("5x5_stride_2_same_even", (1, 8, 8, 1), (2, 5, 5), dict(stride=(2, 2))),
        ("no_bias", (1, 4, 4, 3), (2, 2, 2), dict(with_bias=False)),
        ("relu_n1_to_1", (1, 4, 4, 2), (3, 1, 3), dict(act="relu_n1_to_1")),
        ("kernel_larger_than_input", (1, 2, 2, 2), (2, 4, 5), dict()),
    ]
    for dtype in ("s8", "s16", "f32"):
        for name, x, k, extra in table:
            full = f"{dtype}_{name}"
            yield conv(full, stream(full), dtype, x, k, **extra)
    # What Winograd's minimal filtering takes: whole tiles of many channels.
    yield conv("s8_3x3_sixteen_channels", stream("s8_3x3_sixteen_channels"), "s8", (1, 3, 4, 16), (2, 3, 3))
    yield conv("s16_bias32", stream("s16_bias32"), "s16", (1, 4, 5, 3), (3, 3, 3), wide_bias=False)
    yield conv("s8_per_tensor", stream("s8_per_tensor"), "s8", (1, 4, 4, 3), (4, 2, 2), per_channel=False)
    yield conv("s8_w4_odd_number", stream("s8_w4_odd_number"), "s8", (1, 4, 5, 3), (3, 3, 3), act="relu", w4=True)
    yield conv("s8_w4_per_tensor", stream("s8_w4_per_tensor"), "s8", (1, 5, 4, 2), (4, 2, 3), stride=(2, 1), per_channel=False, w4=True)


def random_case(name, rng):
    dtype = str(rng.choice(["s8", "s16", "f32"]))
    same = bool(rng.integers(2))
    k = [int(v) for v in rng.integers(1, [6, 5, 5])]
    dilation = tuple(int(v) for v in rng.integers(1, 3, 2))
    least = [1 if same else (k[i + 1] - 1) * dilation[i] + 1 for i in range(2)]
    x = (int(rng.integers(1, 3)), least[0] + int(rng.integers(0, 6)), least[1] + int(rng.integers(0, 6)), int(rng.integers(1, 5)))
    return conv(name, rng, dtype, x, k, tuple(int(v) for v in rng.integers(1, 4, 2)), dilation, same,
                str(rng.choice(list(ACTIVATIONS))), bool(rng.integers(2)), bool(rng.integers(2)))
