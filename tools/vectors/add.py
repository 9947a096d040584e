"""Cases of ADD."""

import binary


def cases(stream):
    return binary.cases("ADD", stream)


def random_case(name, rng):
    return binary.random_case("ADD", name, rng)
