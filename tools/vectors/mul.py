"""Cases of MUL."""

import binary


def cases(stream):
    return binary.cases("MUL", stream)


def random_case(name, rng):
    return binary.random_case("MUL", name, rng)
