"""Cases of ELU."""

from relu import f32_case, random_unary, s8_cases


def cases(stream):
    yield from s8_cases("ELU", stream)
    yield f32_case("ELU")


def random_case(name, rng):
    return random_unary(name, "ELU", rng, ["s8", "f32"])
