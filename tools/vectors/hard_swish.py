"""Cases of HARD_SWISH."""

from relu import f32_case, random_unary, s8_cases


def cases(stream):
    yield from s8_cases("HARD_SWISH", stream)
    yield f32_case("HARD_SWISH")


def random_case(name, rng):
    return random_unary(name, "HARD_SWISH", rng, ["s8", "f32"])
