#!/usr/bin/env python3
"""Holds the include directions of docs/design.md: reads every #include of the project and names each that points the wrong way.

usage: check_includes.py [ROOT]
"""
import re
import sys
from pathlib import Path

# What a room may include beside itself. A room is the longest of these paths that a file's path begins with.
# Everything here is reached directly: a room that is allowed to see another does not inherit what that one sees.
BASE = {"contract", "host/base"}
IR = BASE | {"host/ir"}
OPS = IR | {"host/ops"}
PROGRAM = OPS | {"host/program"}
# The rooms that stand beside each other on top of ops. They do not know of each other, except as said in `ALLOWED`.
SIBLINGS = {"host/import", "host/export", "host/passes", "host/plan", "host/interpret", "host/codegen", "host/train",
            "host/tune", "host/data", "host/augment", "host/synth", "host/signal", "host/emulate", "host/package", "host/fleet", "host/audit",
            "host/report", "host/input", "host/cycles", "host/monitor", "host/quantize", "host/image"}

ALLOWED = {
    "contract": set(),
    "device": {"contract"},
    "ports": {"contract", "device"},
    "host/base": {"contract"},
    "host/project": BASE,
    "host/ir": BASE,
    "host/ops": IR | {"device/kernels"},
    "host/program": OPS | {"device/kernels"},
    **{room: PROGRAM | {"device/kernels", "device/signal"} for room in SIBLINGS},
    "host/driver": PROGRAM | SIBLINGS | {"host/project", "device/kernels", "device/signal"},
    "apps": PROGRAM | SIBLINGS | {"host/project", "host/driver"},
    "examples": {"contract"},
    "tools": {"contract", "host/base"},
    "tests": {"contract", "device", "apps", "tests"} | PROGRAM | SIBLINGS | {"host/project", "host/driver"},
}
# Exceptions between siblings, each with its reason.
ALLOWED["host/signal"] = ALLOWED["host/signal"] | {"host/project"}  # a front end as [signal] describes it
ALLOWED["host/data"] = ALLOWED["host/data"] | {"host/project", "host/input", "host/signal"}  # reads files, pictures features
ALLOWED["host/augment"] = ALLOWED["host/augment"] | {"host/project", "host/data"}  # changes clips
ALLOWED["host/synth"] = ALLOWED["host/synth"] | {"host/project", "host/data"}  # makes examples
ALLOWED["host/train"] = ALLOWED["host/train"] | {
    "host/project", "host/data", "host/augment", "host/signal"}  # learns from them
ALLOWED["host/quantize"] = ALLOWED["host/quantize"] | {"host/interpret"}  # runs the float graph to see its values
ALLOWED["host/passes"] = ALLOWED["host/passes"] | {"host/interpret"}  # constant folding runs the folded node
ALLOWED["host/plan"] = ALLOWED["host/plan"] | {"host/codegen/generated.h"}  # the alignment that the writer promises
ALLOWED["host/emulate"] = ALLOWED["host/emulate"] | {
    "host/codegen/generated.h", "host/codegen/manifest.h"}  # builds what the writer described, and states its sizes
ALLOWED["host/emulate"] = ALLOWED["host/emulate"] | {"host/cycles/trace.h"}  # reads what its plugin wrote
ALLOWED["host/image"] = ALLOWED["host/image"] | {
    "device/runtime", "host/codegen/generated.h"}  # proves what it writes with the reader of the chip; describes firmware
ALLOWED["host/driver"] = ALLOWED["host/driver"] | {"device/runtime/detector.h"}  # hears what the chip hears
ALLOWED["host/report"] = ALLOWED["host/report"] | {"host/cycles"}  # prints profiles

# A test may look at everything its room may see, and at these to make inputs and compare outputs.
TESTS_MAY = {"host/import", "host/export", "host/interpret", "host/passes", "host/plan", "host/codegen", "host/ir", "host/ops",
             "host/program", "host/base", "host/signal", "device/kernels", "device/signal", "tests"}
# Headers that may sit in angle brackets in device code: freestanding ones, and <cstring>/<cmath> for memcpy and libm.
DEVICE_SYSTEM = {"cstdint", "cstddef", "limits", "type_traits", "cstring", "cmath", "array", "utility",
                 "arm_mve.h", "arm_acle.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FOLDERS = ("contract", "device", "ports", "host", "apps", "examples", "tests", "tools")


def room_of(path: str) -> str | None:
    return max((room for room in ALLOWED if path.startswith(room + "/")), key=len, default=None)


def within(path: str, rooms: set[str]) -> bool:
    return any(path == room or path.startswith(room + "/") for room in rooms)


def check_file(root: Path, path: str) -> list[str]:
    """One message per include of this file that points the wrong way."""
    room = room_of(path)
    if room is None:
        return [f"{path}: is in no room that docs/design.md names; add the room to tools/check_includes.py"]
    is_test = re.search(r"_(test|bench|fuzz)\.cc$", path) is not None
    problems = []
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        bracket, target = match.groups()
        here = f"{path}:{number}"
        if bracket == "<":
            if room in ("contract", "device") and not is_test and target not in DEVICE_SYSTEM:
                problems.append(f"{here}: {room} includes <{target}>, which a bare chip does not have")
            continue
        if not (root / target).is_file() and not target.startswith(FOLDERS):
            continue  # made at build time, or a firmware's own folder
        if not (root / target).is_file():
            problems.append(f'{here}: "{target}" does not exist; paths in quotes begin at the root of the repository')
        elif not (within(target, {room} | ALLOWED[room]) or (is_test and within(target, TESTS_MAY))):
            problems.append(f'{here}: {room} must not include "{target}"; it may include '
                            f'{", ".join(sorted(ALLOWED[room])) or "nothing but itself"}')
    return problems


def check(root: Path) -> list[str]:
    problems = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc", ".c", ".inc", ".def") and "build" not in path.parts:
                problems += check_file(root, path.relative_to(root).as_posix())
    return problems


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    problems = check(root)
    for problem in problems:
        print(problem)
    print(f"check_includes: {len(problems)} violations" if problems else "check_includes: every include points the right way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
