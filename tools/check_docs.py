#!/usr/bin/env python3
"""Runs every command that the documents show, so that none of them lies.

usage: check_docs.py MOTE [FILE ...]        default: README.md, docs/guides/*.md, examples/*/README.md
Commands are the lines that begin with `$ ` in fenced ```sh blocks. Those of one file run in order, in one
temporary copy of what they may touch, with `mote` on the PATH. `make` is not run, as make test runs this; its targets
must exist.
A block that opens with ```sh skip is for show. A command that is shown to fail ends in `# fails`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def commands(text: str) -> list[tuple[int, str]]:
    """Line number and command of each."""
    found, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line.strip() == "```sh"
        elif inside and (match := re.match(r"\$ (.+)", line)):
            found.append((number, match.group(1)))
    return found


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def run_file(document: Path, mote: Path) -> list[str]:
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("examples", "tests"):
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("vectors"))
        environment = {**os.environ, "PATH": f"{mote.parent}:{os.environ['PATH']}", "COLUMNS": "120"}
        for number, command in commands(document.read_text(encoding="utf-8")):
            if command.startswith("make"):
                problems += [f"{document.name}:{number}: there is no `make {target}`"
                             for target in command.split("#")[0].split()[1:] if target not in make_targets()]
                continue
            if command.startswith(("git clone", "cd ")):
                continue
            expected_to_fail = command.rstrip().endswith("# fails")
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment,
                                  capture_output=True, text=True, timeout=300)
            if (done.returncode != 0) != expected_to_fail:
                problems.append(f"{document.name}:{number}: `{command}` exits with {done.returncode}\n{done.stdout}{done.stderr}")
    return problems


def main() -> int:
    mote = Path(sys.argv[1]).resolve()
    documents = [Path(p) for p in sys.argv[2:]] or [ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md")),
                                                        *sorted((ROOT / "examples").glob("*/README.md"))]
    problems, count = [], 0
    for document in documents:
        count += len(commands(document.read_text(encoding="utf-8")))
        problems += run_file(document, mote)
    print("\n".join(problems + [f"check_docs: {count} commands in {len(documents)} files, {len(problems)} lie"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
