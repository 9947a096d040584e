#!/usr/bin/env python3
"""Format, clang-tidy and cppcheck over the sources; what was clean once is not checked again.

usage: lint.py [--fix-format] [--all]
A file is clean-tidy when its preprocessed text, the rules and the tool are what they were when it last passed; the
proofs lie in build/lint. --all forgets them.
"""
import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
PROOFS = ROOT / "build" / "lint"
FOLDERS = ["contract", "device", "ports", "host", "apps", "tests", "tools"]
UNREADABLE = r"/host/train/torch/"  # clang cannot read libtorch's headers as C++20; GCC warns about these files
TIDY = "clang-tidy-19"
FORMAT = "clang-format-19"


def sources() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS], cwd=ROOT,
                             check=True, capture_output=True, text=True).stdout
    return [f for f in listing.splitlines() if re.search(r"\.(h|cc|c|inc|def)$", f) and (ROOT / f).is_file()]


def check_format(files: list[str], fix: bool) -> bool:
    files = [f for f in files if f.endswith((".h", ".cc", ".c"))]
    if fix:
        return subprocess.run([FORMAT, "-i", *files], cwd=ROOT).returncode == 0
    found = subprocess.run([FORMAT, "--dry-run", *files], cwd=ROOT, capture_output=True, text=True).stderr
    bad = sorted(set(re.findall(r"^(\S+?):\d+:\d+: warning", found, re.MULTILINE)))
    if bad:
        print("not in the house format (mend with `make format`): " + " ".join(bad))
    return not bad


def tidy_proof(command: list[str], source: str) -> Path:
    """Where the proof lies that this source, as the compiler sees it, passed these rules."""
    skip = {"-c", "-o", "-MD", "-MF", "-MT"}
    kept, takes_value = [], False
    for word in command[1:] if not command[0].endswith("ccache") else command[2:]:
        if takes_value:
            takes_value = False
        elif word in skip:
            takes_value = word in {"-o", "-MF", "-MT"}
        else:
            kept.append(word)
    text = subprocess.run(["clang++-19", *kept, "-E", "-P", "-C", "-w"], cwd=BUILD, capture_output=True).stdout
    rules = (ROOT / ".clang-tidy").read_bytes()
    return PROOFS / f"{Path(source).name}.{hashlib.sha256(rules + text).hexdigest()[:24]}"


def tidy(entry: dict) -> str:
    """Returns what clang-tidy found, or "" when the file is clean."""
    proof = tidy_proof(shlex.split(entry["command"]), entry["file"])
    if proof.exists():
        return ""
    run = subprocess.run([TIDY, "-p", str(BUILD), "--quiet", entry["file"]], cwd=ROOT, capture_output=True, text=True)
    if run.returncode == 0:
        proof.touch()
        return ""
    return run.stdout + "".join(line for line in run.stderr.splitlines(True) if "warnings generated" not in line)


def check_tidy() -> bool:
    database = BUILD / "compile_commands.json"
    if not database.exists():
        print("lint: no build/release/compile_commands.json; run `make build` first")
        return False
    PROOFS.mkdir(parents=True, exist_ok=True)
    entries = [e for e in json.loads(database.read_text())
               if Path(e["file"]).is_file() and e["file"].endswith(".cc")
               and not re.search(r"_test\.cc$|/build/|" + UNREADABLE, e["file"])]
    clean = True
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(tidy, entries):
            if found:
                clean = False
                print(found, flush=True)
    return clean


def check_cppcheck() -> bool:
    files = [f for f in sources() if f.startswith(("contract/", "device/")) and re.search(r"(?<!_test)\.cc$|\.h$", f)]
    run = subprocess.run(
        ["cppcheck", "--quiet", "--error-exitcode=1", "--std=c++17", "--inline-suppr", "-I", ".",
         "--enable=warning,performance,portability", "--suppress=missingIncludeSystem",
         "--suppress=shiftTooManyBitsSigned",  # every compiler we use shifts signed numbers arithmetically
         "--language=c++", f"-j{os.cpu_count()}", *files], cwd=ROOT)
    return run.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fix-format", action="store_true", help="rewrite the sources in the house format, and stop")
    parser.add_argument("--all", action="store_true", help="check every file again")
    options = parser.parse_args()
    if options.fix_format:
        return 0 if check_format(sources(), fix=True) else 1
    if options.all:
        for proof in PROOFS.glob("*"):
            proof.unlink()
    results = {"format": check_format(sources(), fix=False), "cppcheck": check_cppcheck(), "clang-tidy": check_tidy()}
    bad = [name for name, clean in results.items() if not clean]
    print(f"lint: {', '.join(bad)} found something" if bad else "lint: format, cppcheck and clang-tidy are clean")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
