"""Cases of MINIMUM."""

from maximum import extremum_cases


def cases(stream):
    return extremum_cases("MINIMUM", stream)
