#!/usr/bin/env python3
"""Generated code held to what mote promises of it, with tools that are not ours.

usage: check_generated.py [--mote PROGRAM] [--vectors FOLDER]
Compiles foreign-vector models that together use every kernel, then checks the folder:
  - no warning from four compilers under -Wall -Wextra -Wconversion -Wshadow -Wpedantic; the C header in C99
  - nothing asked of the world outside but memory copies and integer or float helpers of the compiler
  - no static constructors, no mutable globals, no recursion
  - cppcheck and clang-tidy (tools/lint/generated.clang-tidy) are silent
  - two folders, each made on its own, link into one program through their CMakeLists.txt and run
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror"]
DIALECT = ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-ffp-contract=off", "-ffunction-sections", "-fdata-sections"]
RISCV = ["-march=rv32imc", "-mabi=ilp32", f"-I{ROOT}/ports/mcu/riscv/include"]
COMPILERS = {
    "gcc": ["g++", "-O2"],
    "arm-none-eabi-gcc": ["arm-none-eabi-g++", "-Os", "-mcpu=cortex-m4", "-mthumb"],
    "riscv64-unknown-elf-gcc": ["riscv64-unknown-elf-g++", "-Os", "--specs=picolibc.specs", *RISCV],
    "clang": ["clang++-19", "-O2"],
}
M55 = ["-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"]
CLANG_HEADERS = ["-isystem", f"{ROOT}/ports/mcu/riscv/include", "-isystem"]
# Instruction sets that the default target lacks: a target that has them, and the compilers that know them.
ISAS = {
    "armv6m": ("cortex-m0", {
        "gcc for armv6m": ["arm-none-eabi-g++", "-Os", "-mcpu=cortex-m0", "-mthumb"],
        "clang for armv6m": ["clang++-19", "-O2", "--target=thumbv6m-none-eabi", *CLANG_HEADERS, "/usr/include/newlib"],
    }),
    "mve": ("cortex-m55", {
        "gcc for mve": ["arm-none-eabi-g++", "-Os", *M55],
        "clang for mve": ["clang++-19", "-Os", "--target=thumbv8.1m.main-none-eabihf", *M55, *CLANG_HEADERS,
                          "/usr/include/newlib"],
    }),
    "rv32imc": ("rv32imc", {
        "gcc for rv32imc": ["riscv64-unknown-elf-g++", "-Os", "--specs=picolibc.specs", *RISCV],
        "clang for rv32imc": ["clang++-19", "-O2", "--target=riscv32-unknown-elf", "-march=rv32imc", "-mabi=ilp32",
                              *CLANG_HEADERS, "/usr/lib/picolibc/riscv64-unknown-elf/include"],
    }),
}
# What a freestanding program may ask of its compiler: copies, and helpers for arithmetic the core lacks.
ALLOWED = re.compile(r"^(mem(cpy|set|move)|__aeabi_\w+|__gnu_thumb1_case_\w+|_{2,3}\w*(di|si|sf|df)[23]?\w*)$")
failures = []


def say(ok: bool, what: str, detail: str = "") -> None:
    print(f"{'ok    ' if ok else 'FAILED'}  {what}")
    if not ok:
        failures.append(what)
        print("\n".join("    " + line for line in detail.splitlines()[:40]))


def run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)


def pick_models(mote: str, vectors: Path, into: Path) -> list[Path]:
    """Vector models, one more for every kernel that the ones before do not use."""
    seen, picked = set(), []
    for model in sorted(vectors.rglob("*.tflite")):
        shown = run([mote, "inspect", model, "--json", "--target", "cortex-m4"])
        if shown.returncode != 0:
            say(False, f"inspect {model}", shown.stderr)
            return []
        kernels = set(re.findall(r'"(\w+_(?:portable|armv\w+|mve))"', shown.stdout))
        if kernels - seen:
            seen |= kernels
            copy = into / f"{model.parent.name}_{model.name}"
            shutil.copy(model, copy)
            picked.append(copy)
    say(bool(picked), f"{len(picked)} models use {len(seen)} kernels")
    return picked


def check_isa(mote: str, models: list[Path], isa: str, work: Path) -> None:
    """The kernels of one instruction set, by the compilers that know it."""
    target, compilers = ISAS[isa]
    folder = work / isa
    done = run([mote, "compile", *models, "-o", folder, "--no-measure", "--no-passes", "--target", target])
    say(done.returncode == 0, f"compile them for {target}", done.stderr)
    if done.returncode != 0:
        return
    code = json.loads((folder / "mote.json").read_text())
    sources = [s for s in code["sources"] if isa in s]
    say(bool(sources), f"{len(sources)} kernels of {isa}")
    for name, command in compilers.items():
        COMPILERS[name] = command
        compile_all(name, folder, work / name, sources, [])


def compile_all(name: str, folder: Path, objects: Path, sources: list[str], extra: list[str]) -> list[Path]:
    objects.mkdir(parents=True)

    def one(source: str):
        target = objects / (source.replace("/", "_") + ".o")
        done = run([*COMPILERS[name], *DIALECT, *WARNINGS, *extra, f"-I{folder}", "-c", folder / source, "-o", target],
                   cwd=objects)
        return target, done.stderr

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(one, sources))
    said = "".join(text for _, text in results)
    say(said == "", f"{len(sources)} files compile without a warning: {name}", said)
    return [target for target, _ in results if target.exists()]


def check_objects(nm: str, objects: list[Path], code: dict) -> None:
    """Symbols: no helpers but the compiler's, no constructors, no variables."""
    listing = run([nm, "-A", "--", *objects]).stdout
    defined, wanted, variables = set(), set(), []
    for line in listing.splitlines():
        match = re.search(r"([A-Za-z]) (\S+)$", line)
        if not match:
            continue
        kind, symbol = match.groups()
        (wanted if kind == "U" else defined).add(symbol)
        if kind in "bBdDcCsS":
            variables.append(symbol)
    strangers = sorted(s for s in wanted - defined if not ALLOWED.match(s))
    say(not strangers, "nothing is asked of the outside", " ".join(strangers))
    say(not variables, "no mutable globals", " ".join(variables))
    sections = "".join(run([nm.replace("nm", "objdump"), "-h", o]).stdout for o in objects)
    say(".init_array" not in sections and ".ctors" not in sections, "no static constructors")


def check_recursion(graphs: list[Path]) -> None:
    """The compiler's own call graphs, joined and searched for a cycle."""
    calls: dict[str, set[str]] = {}
    for graph in graphs:
        for source, target in re.findall(r'edge: \{ sourcename: "(?:[^":]*:)?([^"]+)" targetname: "(?:[^":]*:)?([^"]+)"',
                                         graph.read_text()):
            calls.setdefault(source, set()).add(target)
    state: dict[str, int] = {}

    def cyclic(node: str) -> bool:
        state[node] = 1
        for other in calls.get(node, ()):
            if state.get(other) == 1 or (other not in state and cyclic(other)):
                return True
        state[node] = 2
        return False

    found = [n for n in list(calls) if n not in state and cyclic(n)]
    say(bool(calls) and not found, f"no recursion among {len(calls)} calling functions", " ".join(found))


def check_headers(folder: Path, code: dict, work: Path) -> None:
    source = work / "all_headers.c"
    source.write_text("".join(f'#include "{m["name"]}.h"\n' for m in code["models"]) +
                      "typedef int translation_unit_is_not_empty;\n")
    done = run(["gcc", "-std=c99", *WARNINGS, f"-I{folder}", "-fsyntax-only", source])
    say(done.returncode == 0, "C headers in C99", done.stderr)
    source = work / "all_headers.cc"
    source.write_text("".join(f'#include "{m["name"]}.hpp"\n' for m in code["models"]))
    done = run(["g++", *DIALECT, *WARNINGS, f"-I{folder}", "-fsyntax-only", source])
    say(done.returncode == 0, "C++ headers in C++17", done.stderr)


def check_linters(folder: Path, sources: list[str]) -> None:
    done = run(["cppcheck", "--quiet", "--error-exitcode=1", "--std=c++17", "--language=c++", "-I", folder,
                "--enable=warning,style,performance,portability", "--suppress=missingIncludeSystem",
                "--suppress=unusedFunction", "--suppress=useStlAlgorithm", f"-j{os.cpu_count()}", *[folder / s for s in sources]])
    say(done.returncode == 0, "cppcheck", done.stderr + done.stdout)

    def tidy(source: str):
        return run(["clang-tidy-19", f"--config-file={ROOT}/tools/lint/generated.clang-tidy", "--quiet", folder / source, "--",
                    "-std=c++17", f"-I{folder}"])

    # Not the kernels: tools/lint.py has read them where they come from.
    chosen = [s for s in sources if not s.endswith("_weights.cc") and "/kernels/" not in s]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(tidy, chosen))
    said = "".join(r.stdout for r in results if r.returncode != 0)
    say(not said, f"clang-tidy over {len(chosen)} files", said)


MAIN = """#include "{a}.hpp"
#include "{b}.hpp"
// Both models run in one block of the larger size, one after the other.
union Shared {{
  {a}::Arena a;
  {b}::Arena b;
}};
static Shared shared;
int main() {{
  {a}::invoke(shared.a);
  {b}::invoke(shared.b);
  return 0;
}}
"""


def check_two_folders(mote: str, models: list[Path], work: Path) -> None:
    """Two folders with kernels in common, made apart, in one CMake project."""
    chosen = [m for m in models if m.name.startswith("conv_2d_")][:2]
    names = []
    for model in chosen:
        done = run([mote, "compile", model, "-o", work / "two" / model.stem, "--no-measure"])
        say(done.returncode == 0, f"compile {model.name} into a folder of its own", done.stderr)
        names.append(json.loads((work / "two" / model.stem / "mote.json").read_text())["models"][0]["name"])
    (work / "two" / "main.cc").write_text(MAIN.format(a=names[0], b=names[1]))
    (work / "two" / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(two LANGUAGES CXX)\n" +
        "".join(f"add_subdirectory({m.stem})\n" for m in chosen) +
        f"add_executable(two main.cc)\ntarget_link_libraries(two PRIVATE {' '.join(names)})\n")
    steps = [["cmake", "-S", work / "two", "-B", work / "two" / "build"], ["cmake", "--build", work / "two" / "build"],
             [work / "two" / "build" / "two"]]
    for step in steps:
        done = run(step)
        if done.returncode != 0:
            break
    say(done.returncode == 0, "two folders in one program, sharing an arena", done.stdout + done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mote", default=ROOT / "build" / "release" / "mote")
    parser.add_argument("--vectors", type=Path, default=ROOT / "tests" / "vectors")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "models").mkdir()
        models = pick_models(options.mote, options.vectors, work / "models")
        folder = work / "generated"
        done = run([options.mote, "compile", *models, "-o", folder, "--no-measure", "--no-passes"])
        say(done.returncode == 0, "compile them into one folder", done.stderr)
        if failures:
            return 1
        code = json.loads((folder / "mote.json").read_text())
        portable = [s for s in code["sources"] if "armv" not in s and "mve" not in s]
        for compiler in COMPILERS:
            arm = compiler.startswith("arm")
            objects = compile_all(compiler, folder, work / compiler, code["sources"] if arm else portable,
                                  [] if compiler == "clang" else ["-fcallgraph-info"])
            if arm:
                check_objects("arm-none-eabi-nm", objects, code)
                check_recursion(sorted((work / compiler).glob("*.ci")))
        for isa in ISAS:
            check_isa(options.mote, models, isa, work)
        check_headers(folder, code, work)
        check_linters(folder, portable)
        check_two_folders(options.mote, models, work)
    print(f"{len(failures)} failed" if failures else "generated code keeps its promises")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
