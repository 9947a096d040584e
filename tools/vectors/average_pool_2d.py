"""Cases of AVERAGE_POOL_2D."""

import pool


def cases(stream):
    return pool.cases("AVERAGE_POOL_2D", stream)


def random_case(name, rng):
    return pool.random_case("AVERAGE_POOL_2D", name, rng)
