"""Cases of RELU6. Its output has the input's quantisation."""

from relu import ALL_S8, f32_case, quantized_pairs, s16_unary, unary
from vectors import Tensor, activation


def cases(stream):
    for name, x, _ in quantized_pairs(stream("s8")):
        yield unary(f"s8_{name}", "RELU6", Tensor("s8", ALL_S8, *x), Tensor("s8", ALL_S8, *x), version=2)
    for i, scale in enumerate([0.0003, 0.0001]):
        yield s16_unary(f"s16_{i}", "RELU6", (scale, 0), (scale, 0), 3)
    yield f32_case("RELU6")


def random_case(name, rng):
    dtype = str(rng.choice(["s8", "s16", "f32"]))
    x = activation(rng, dtype, ALL_S8)
    return unary(name, "RELU6", x, Tensor(dtype, ALL_S8, x.scale, x.zero_point), version=3)
