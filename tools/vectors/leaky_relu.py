"""Cases of LEAKY_RELU."""

from relu import ALL_S8, f32_case, quantized_pairs, random_unary, s16_unary, unary
from vectors import Tensor, options


def leaky(alpha):
    return options("LeakyReluOptions", alpha=alpha)


def cases(stream):
    alphas = [0.1, 0.3, 0.01, 1.5, -0.5, 0.0, 0.2, 1.0, 0.05]
    for (name, x, y), alpha in zip(quantized_pairs(stream("s8")), alphas):
        yield unary(f"s8_{name}", "LEAKY_RELU", Tensor("s8", ALL_S8, *x), Tensor("s8", ALL_S8, *y), 2, options=leaky(alpha))
    for i, (x, y, alpha) in enumerate([((0.0003, 0), (0.0003, 0), 0.1), ((0.001, 0), (0.0004, 0), -0.7), ((0.0002, 300), (0.003, -2000), 0.3)]):
        yield s16_unary(f"s16_{i}", "LEAKY_RELU", x, y, 2, options=leaky(alpha))
    yield f32_case("LEAKY_RELU", options=leaky(0.3))


def random_case(name, rng):
    return random_unary(name, "LEAKY_RELU", rng, ["s8", "s16", "f32"], 2, options=leaky(float(rng.uniform(-1, 2))))
