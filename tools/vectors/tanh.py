"""Cases of TANH."""

from logistic import random_sigmoid, sigmoid_cases


def cases(stream):
    yield from sigmoid_cases("TANH", stream, 1 / 128, 0)


def random_case(name, rng):
    return random_sigmoid(name, "TANH", rng, 1 / 128, 0)
