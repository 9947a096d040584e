"""Cases of UNIDIRECTIONAL_SEQUENCE_LSTM: int8 activations and weights, int16 cell; state goes on from run to run."""

import vectors as v


def lstm(name, rng, steps, features, units, hidden_zero=0, clip=0.0, cell_power=-11, time_major=False):
    weights = lambda columns: v.constant("s8", rng.integers(-127, 127, (units, columns), endpoint=True),
                                         v.real_scale(rng, 0.002, 0.02))
    shape = lambda last: (steps, 1, last) if time_major else (1, steps, last)
    x = v.Tensor("s8", shape(features), v.real_scale(rng, 0.01, 0.05), v.zero_point(rng))
    hidden = v.Tensor("s8", (1, units), 1 / 128, hidden_zero, variable=True)
    cell = v.Tensor("s16", (1, units), 2.0**cell_power, 0, variable=True)
    inputs = [x, *[weights(features) for _ in range(4)], *[weights(units) for _ in range(4)], None, None, None,
              *[v.constant("s32", rng.integers(-5000, 5000, units)) for _ in range(4)], None, None, hidden, cell, None,
              None, None, None]
    y = v.Tensor("s8", shape(units), 1 / 128, hidden_zero)
    options = v.options("UnidirectionalSequenceLSTMOptions", fusedActivationFunction=4, cellClip=clip,
                        timeMajor=time_major)
    return v.Case(name, "UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [y], options, random_runs=4, reset_between_runs=False)


def cases(stream):
    yield lstm("one_step", stream("one_step"), 1, 3, 2)
    yield lstm("zero_point", stream("zero_point"), 5, 6, 4, hidden_zero=-7)
    yield lstm("clip", stream("clip"), 6, 5, 3, clip=1.5)
    yield lstm("time_major", stream("time_major"), 4, 4, 5, cell_power=-13, time_major=True)


def random_case(name, rng):
    return lstm(name, rng, int(rng.integers(1, 8)), int(rng.integers(1, 10)), int(rng.integers(1, 9)),
                int(rng.integers(-128, 128)), float(rng.choice([0.0, 2.0])), int(rng.integers(-15, -8)))
