#!/usr/bin/env python3
"""Fails when a device library needs a symbol that a bare chip does not have, or has a static constructor.

usage: check_freestanding.py NM LIBRARY
"""
import re
import subprocess
import sys

# What the compiler itself may call: memory primitives, and its own run-time library (libgcc, compiler-rt).
ALLOWED = re.compile(r"mem(cpy|set|move)$|__aeabi_\w+$|__gnu_thumb1_case_\w+$|__\w+[sdt][if]\d?$|_GLOBAL_OFFSET_TABLE_$")
# Float kernels name the functions of libm that they need.
LIBM = re.compile(r"(exp|log|tanh|sqrt|pow|sin|cos|floor|ceil|round|fabs|rint|nearbyint|fmod|expm1|log1p)f$")


def check(listing: str) -> list[str]:
    """Reads the output of `nm` on an archive and returns one message per offence."""
    defined, needed, member, problems = set(), [], "", []
    for line in listing.splitlines():
        if line.endswith(":"):
            member = line[:-1]
            continue
        fields = line.split()
        if len(fields) < 2:
            continue
        kind, symbol = fields[-2], fields[-1]
        if kind == "U":
            needed.append((member, symbol))
        else:
            defined.add(symbol)
            if symbol.startswith("_GLOBAL__sub_I"):
                problems.append(f"{member}: has a static constructor ({symbol})")
    for member, symbol in needed:
        if symbol in defined or ALLOWED.match(symbol) or ("_f32" in member and LIBM.match(symbol)):
            continue
        problems.append(f"{member}: needs {symbol}, which a bare chip does not have")
    return problems


def main() -> int:
    nm, library = sys.argv[1:]
    listing = subprocess.run([nm, library], check=True, capture_output=True, text=True).stdout
    problems = check(listing)
    for problem in problems:
        print(f"{library}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
