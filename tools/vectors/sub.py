"""Cases of SUB."""

import binary


def cases(stream):
    return binary.cases("SUB", stream)


def random_case(name, rng):
    return binary.random_case("SUB", name, rng)
