"""What the cases of AVERAGE_POOL_2D and MAX_POOL_2D share."""

from conv_2d import ACTIVATIONS
from vectors import Case, Tensor, activation, options, window_out


def pool(op, name, rng, dtype, x, k, stride=(1, 1), same=True, act="none"):
    """x: [N,H,W,C]; k: [KH,KW]."""
    inp = activation(rng, dtype, x)
    out_shape = (x[0], window_out(x[1], k[0], stride[0], 1, same), window_out(x[2], k[1], stride[1], 1, same), x[3])
    out = Tensor(dtype, out_shape, inp.scale, inp.zero_point)
    return Case(
        name,
        op,
        [inp],
        [out],
        options("Pool2DOptions", padding=0 if same else 1, strideH=stride[0], strideW=stride[1], filterHeight=k[0], filterWidth=k[1],
                fusedActivationFunction=ACTIVATIONS[act]),
        version=3 if dtype == "s16" else 2,
    )


def cases(op, stream):
    table = [
        ("global", (1, 5, 5, 4), (5, 5), dict(same=False)),
        ("2x2_stride_2", (1, 4, 6, 3), (2, 2), dict(stride=(2, 2), same=False)),
        ("3x2_same", (2, 4, 3, 2), (3, 2), dict(act="relu")),
        ("same_stride_3", (1, 7, 5, 2), (3, 3), dict(stride=(3, 3), act="relu6")),
        ("larger_than_input", (1, 2, 3, 2), (5, 6), dict(act="relu_n1_to_1")),
    ]
    for dtype in ("s8", "s16", "f32"):
        for name, x, k, extra in table:
            full = f"{dtype}_{name}"
            yield pool(op, full, stream(full), dtype, x, k, **extra)


def random_case(op, name, rng):
    dtype = str(rng.choice(["s8", "s16", "f32"]))
    same = bool(rng.integers(2))
    k = [int(v) for v in rng.integers(1, 6, 2)]
    x = (int(rng.integers(1, 3)), k[0] + int(rng.integers(0, 6)), k[1] + int(rng.integers(0, 6)), int(rng.integers(1, 5)))
    return pool(op, name, rng, dtype, x, k, tuple(int(v) for v in rng.integers(1, 4, 2)), same, str(rng.choice(list(ACTIVATIONS))))
