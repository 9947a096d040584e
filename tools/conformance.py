#!/usr/bin/env python3
"""Every model of a folder through import, compiler and emulated boards, held against a foreign engine: make conformance.

usage: conformance.py [--models DIR ...] [--boards mps2-an386,...] [--jobs N] [--quick] [--again]
The oracle is TensorFlow Lite Micro's wheel, on random inputs and real ones; a model that it cannot load is held against
ai-edge-litert with its reference kernels. Inputs of one model run in sequence, so that state counts. Outcomes: exact (0
LSB for integers, 1e-5 of the tensor's largest value for float), refused (mote says why), wrong. What was measured
before with the same program and model is not measured again, so that an interrupted run goes on; --again does. A run
over the default folders writes docs/evidence/conformance.md. Needs build/venv.
"""

import argparse
import gzip
import hashlib
import json
import lzma
import os
import subprocess
import sys
import tempfile
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
MOTE = ROOT / "build" / "release" / "mote"
SHARED = Path(os.environ.get("MOTE_SHARED", ROOT.parent / "shared"))
FOLDERS = [SHARED / "models", SHARED / "mlperf_tiny" / "models"]
CACHE = ROOT / "build" / "conformance"
PAGE = ROOT / "docs" / "evidence" / "conformance.md"
BOARDS = ["mps2-an386", "riscv-virt"]
QUICK = ["hello_world_int8", "hello_world_float", "micro_speech_quantized", "microwakeword_v2_vad"]
SEED = 20250519
RANDOM_INPUTS, REAL_INPUTS, SEQUENCE = 8, 16, 64
TOLERANCE = 1e-5
PREPROCESSOR = "micro_speech_audio_preprocessor_int8.tflite"


# --- the oracle: a program of its own, because a foreign engine may end its process -----------------------------------


class Tflm:
    name = "tflite-micro"

    def __init__(self, model: bytes):
        from tflite_micro.python.tflite_micro import runtime

        self.interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 24)

    def run(self, inputs, outputs):
        for i, value in enumerate(inputs):
            self.interpreter.set_input(np.ascontiguousarray(value), i)
        self.interpreter.invoke()
        return [np.array(self.interpreter.get_output(i)) for i in range(outputs)]


class LiteRt:
    name = "ai-edge-litert"

    def __init__(self, model: bytes):
        from ai_edge_litert import interpreter as litert

        self.interpreter = litert.Interpreter(
            model_content=model, experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
        self.interpreter.allocate_tensors()

    def run(self, inputs, outputs):
        for detail, value in zip(self.interpreter.get_input_details(), inputs):
            self.interpreter.set_tensor(detail["index"], value)
        self.interpreter.invoke()
        return [self.interpreter.get_tensor(d["index"]) for d in self.interpreter.get_output_details()]


ORACLES = {oracle.name: oracle for oracle in (Tflm, LiteRt)}


def ports(model: bytes):
    """(dtype, shape) of the inputs and of the outputs, read from the file."""
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

    types = {0: np.float32, 2: np.int32, 3: np.uint8, 4: np.int64, 6: np.bool_, 7: np.int16, 9: np.int8}
    graph = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0)).subgraphs[0]
    describe = lambda i: (np.dtype(types[graph.tensors[i].type]),
                          [] if graph.tensors[i].shape is None else [int(d) for d in graph.tensors[i].shape])
    stateful = any(t.isVariable or t.type == 13 for t in graph.tensors)
    return [describe(i) for i in graph.inputs], [describe(i) for i in graph.outputs], stateful


def oracle_main(name: str, model: str, folder: str) -> None:
    """Reads inputs_<i>.npy in a folder, one record per row, and writes expected_<i>.npy."""
    content = Path(model).read_bytes()
    inputs, outputs, _ = ports(content)
    records = [np.load(Path(folder) / f"inputs_{i}.npy") for i in range(len(inputs))]
    engine = ORACLES[name](content)
    rows = [engine.run([r[n] for r in records], len(outputs)) for n in range(len(records[0]))]
    for i, (dtype, shape) in enumerate(outputs):
        np.save(Path(folder) / f"expected_{i}.npy", np.stack([row[i].reshape(shape) for row in rows]).astype(dtype))


# --- inputs -----------------------------------------------------------------------------------------------------------


def samples(name: str) -> np.ndarray:
    with wave.open(str(SHARED / "data" / "audio" / name)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def speech() -> np.ndarray:
    return np.concatenate([samples(f"tflm_micro_speech_{w}_1000ms.wav") for w in ("yes", "no", "noise", "silence")])


def features() -> np.ndarray:
    """int8 [frames, 40]: what TFLM's own audio preprocessor makes of speech, every 20 ms."""
    target = CACHE / "features.npy"
    if not target.exists():
        engine = Tflm((SHARED / "models" / PREPROCESSOR).read_bytes())
        audio = speech()
        frames = [engine.run([audio[i : i + 480].reshape(1, 480)], 1)[0] for i in range(0, len(audio) - 480, 320)]
        np.save(target, np.stack(frames).reshape(-1, 40))
    return np.load(target)


def pictures(height: int, width: int) -> np.ndarray:
    """uint8 [n, height, width, 3] of real photographs, or of digits where the size is theirs."""
    evaluation = SHARED / "mlperf_tiny" / "eval"
    if (height, width) == (28, 28):
        raw = gzip.decompress((SHARED / "data/images/mnist_t10k_first5000-images-idx3-ubyte.gz").read_bytes())[16:]
        return np.repeat(np.frombuffer(raw, np.uint8).reshape(-1, 28, 28, 1), 3, axis=3)
    if (height, width) == (32, 32):
        return np.frombuffer((evaluation / "ic01.bin").read_bytes(), np.uint8).reshape(-1, 32, 32, 3)
    with lzma.open(evaluation / "vww01.bin.xz") as file:
        found = np.frombuffer(file.read(64 * 96 * 96 * 3), np.uint8).reshape(-1, 96, 96, 3)
    rows, columns = (np.arange(n) * 96 // n for n in (height, width))
    return found[:, rows][:, :, columns]


def as_type(dtype, bytes_: np.ndarray) -> np.ndarray:
    """Unsigned bytes as int8 with zero point -128, or as real numbers from 0 to 1."""
    if dtype == np.float32:
        return bytes_.astype(np.float32) / 255
    return (bytes_.astype(np.int16) - 128).astype(np.int8) if dtype == np.int8 else bytes_.astype(dtype)


def real_inputs(dtype, shape) -> np.ndarray | None:
    """Records of real data for an input of this shape, in the order of time; None where there is none that fits."""
    size = int(np.prod(shape))
    evaluation = SHARED / "mlperf_tiny" / "eval"
    if dtype == np.int16:
        audio = speech()
        return np.stack([audio[i : i + size] for i in range(0, len(audio) - size, max(1, size * 2 // 3))])
    if dtype not in (np.int8, np.uint8, np.float32):
        return None
    if size == 490:
        return np.frombuffer((evaluation / "kws01.bin").read_bytes(), np.int8).reshape(-1, *shape).astype(dtype)
    if size == 640:
        with lzma.open(evaluation / "ad01.bin.xz") as file:
            clip = np.frombuffer(file.read(200 * 128 * 4), np.float32)
        windows = np.stack([clip[i : i + 640] for i in range(0, len(clip) - 640, 128)])
        return windows if dtype == np.float32 else np.clip(np.round(windows / 0.4) + 92, -128, 127).astype(dtype)
    if len(shape) == 4 and shape[3] in (1, 3) and shape[1] >= 28 and shape[2] >= 28:
        return as_type(dtype, pictures(shape[1], shape[2])[..., : shape[3]])
    if size % 40 == 0 and shape[-1] in (40, 1, 1960):
        frames = features().astype(np.int8)
        rows = size // 40
        step = rows if rows <= 4 else 1  # a hop, or a window that moves
        records = np.stack([frames[i : i + rows] for i in range(0, len(frames) - rows, step)])
        return records.astype(dtype)
    return None


def random_inputs(dtype, shape, count: int, rng) -> np.ndarray:
    if dtype == np.float32:
        return rng.uniform(-1, 1, (count, *shape)).astype(np.float32)
    if dtype == np.bool_:
        return rng.integers(0, 2, (count, *shape)).astype(np.bool_)
    if dtype in (np.int32, np.int64):  # indices, as a rule
        return rng.integers(0, 100, (count, *shape)).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, (count, *shape), endpoint=True).astype(dtype)


def make_inputs(described, stateful: bool) -> tuple[list[np.ndarray], int]:
    """The records of every input, and how many of them are real."""
    rng = np.random.default_rng(SEED)
    real = [real_inputs(*port) for port in described] if len(described) == 1 else [None]
    wanted = SEQUENCE if stateful else REAL_INPUTS
    count = 0
    out = []
    for (dtype, shape), found in zip(described, real * len(described)):
        if found is not None:
            at = np.arange(min(wanted, len(found))) if stateful else np.linspace(0, len(found) - 1, min(wanted, len(found)))
            found = found[at.astype(int)].reshape(-1, *shape)
            count = len(found)
        noise = random_inputs(dtype, shape, RANDOM_INPUTS * (4 if stateful else 1), rng)
        out.append(noise if found is None else np.concatenate([found, noise]))
    return out, count


# --- one model --------------------------------------------------------------------------------------------------------


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def last_error(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error:")]
    return (errors or lines or ["no message"])[-1].removeprefix("error: ")


def expected_outputs(model: Path, folder: Path) -> tuple[str, str]:
    """Lets an oracle write its outputs; returns its name, or "" with what stopped the last."""
    failure = ""
    for name in ORACLES:
        done = subprocess.run([sys.executable, __file__, "--oracle", name, str(model), str(folder)],
                              capture_output=True, text=True)
        if done.returncode == 0:
            return name, ""
        failure = f"{name}: {last_error(done.stderr)}"
    return "", failure


def difference(got: np.ndarray, want: np.ndarray) -> str:
    """"" where they agree."""
    if got.shape != want.shape:
        return f"shape {got.shape}, expected {want.shape}"
    if want.dtype == np.float32:
        scale = np.max(np.abs(want), initial=0, where=np.isfinite(want))
        both_nan = np.isnan(got) & np.isnan(want)
        bad = ~both_nan & ~(np.abs(got.astype(float) - want) <= TOLERANCE * scale) & (got != want)
        return f"{bad.sum()} of {bad.size} beyond {TOLERANCE:g}, worst {np.abs(got - want)[bad].max():.3g}" if bad.any() else ""
    delta = np.abs(got.astype(np.int64) - want.astype(np.int64))
    return f"{np.count_nonzero(delta)} of {delta.size} differ, by up to {delta.max()}" if delta.any() else ""


def measure(model: Path, boards: list[str]) -> dict:
    content = model.read_bytes()
    row = {"model": model.stem, "bytes": len(content), "operators": "", "oracle": "", "inputs": 0, "real": 0, "boards": {}}
    described = subprocess.run([MOTE, "inspect", model, "--json"], capture_output=True, text=True)
    if described.returncode != 0:
        row["refused"] = last_error(described.stderr).replace(str(model) + ": ", "")
        return row
    inputs, outputs, stateful = ports(content)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records, row["real"] = make_inputs(inputs, stateful)
        row["inputs"], row["stateful"] = len(records[0]), stateful
        arguments = []
        for i, values in enumerate(records):
            np.save(folder / f"inputs_{i}.npy", values)
            arguments += ["--input", str(folder / f"inputs_{i}.npy")]
        row["oracle"], failure = expected_outputs(model, folder)
        for board in boards:
            started = time.monotonic()
            target = folder / f"{board}.npy"
            done = subprocess.run([MOTE, "run", model, "--board", board, *arguments, "--output", target, "--json",
                                   "--no-count", "--timeout", "3000"], capture_output=True, text=True)
            if done.returncode != 0:
                row["boards"][board] = {"verdict": "wrong", "why": last_error(done.stderr)}
                if "too small by" in done.stderr:
                    row["boards"][board] = {"verdict": "refused", "why": last_error(done.stderr)}
                continue
            report = json.loads(done.stdout)
            row["arena"] = report["arena_bytes"]
            if not row["oracle"]:
                row["boards"][board] = {"verdict": "unproved", "why": failure}
                continue
            found = ""
            for i in range(len(outputs)):
                file = target if len(outputs) == 1 else folder / f"{board}_{i}.npy"
                found = found or difference(np.load(file), np.load(folder / f"expected_{i}.npy"))
            row["boards"][board] = {"verdict": "wrong" if found else "exact", "why": found,
                                    "seconds": round(time.monotonic() - started, 1)}
    return row


# --- the page ---------------------------------------------------------------------------------------------------------


def verdict(row: dict) -> str:
    if "refused" in row:
        return "refused"
    found = {b["verdict"] for b in row["boards"].values()}
    return next(v for v in ("wrong", "unproved", "refused", "exact") if v in found)


def line_of(row: dict, boards: list[str]) -> str:
    cells = []
    for board in boards:
        b = row["boards"].get(board)
        cells.append("" if b is None else b["verdict"] + (f": {b['why']}" if b["why"] else ""))
    if "refused" in row:
        reason = row["refused"]
        cells = ["refused: " + (reason if len(reason) < 240 else reason[:237] + "...")] + [""] * (len(boards) - 1)
    kind = "state, " if row.get("stateful") else ""
    tried = f"{kind}{row['inputs']} ({row['real']} real)" if row["inputs"] else ""
    return f"| {row['model']} | {row['oracle']} | {tried} | {row.get('arena', '')} | " + " | ".join(cells) + " |"


def page(rows: list[dict], boards: list[str]) -> str:
    count = {v: sum(verdict(r) == v for r in rows) for v in ("exact", "refused", "unproved", "wrong")}
    return "\n".join([
        "# Conformance: every model at hand",
        "",
        "`make conformance` computes this table: tools/conformance.py. Each model is imported, verified, compiled and run on",
        "an emulated Cortex-M4 (mps2-an386) and an RV32IMC core (riscv-virt); its outputs are compared with those of the",
        "oracle for the same sequence of inputs, and by `mote run` with the host interpreter on the graph as imported.",
        "*exact*: 0 LSB for integers, within 1e-5 of the tensor's largest value for float. *state*: the model remembers, and",
        "all inputs run in one sequence from its initial state. Inputs that are not real data are uniform random values.",
        "",
        f"{len(rows)} models: {count['exact']} exact, {count['refused']} refused with a reason, {count['unproved']} that no "
        f"oracle runs, {count['wrong']} wrong.",
        "",
        "| model | oracle | inputs | arena, bytes | " + " | ".join(boards) + " |",
        "|---|---|---|---|" + "---|" * len(boards),
        *[line_of(row, boards) for row in rows],
        "",
    ])


def main() -> int:
    if sys.argv[1:2] == ["--oracle"]:
        oracle_main(*sys.argv[2:5])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, nargs="+", default=FOLDERS, metavar="DIR")
    parser.add_argument("--boards", default=",".join(BOARDS))
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--quick", action="store_true", help="a few small models, for make test")
    parser.add_argument("--again", action="store_true", help="measure everything anew")
    options = parser.parse_args()
    boards = options.boards.split(",")
    files = sorted(f for folder in options.models for f in ([folder] if folder.is_file() else folder.rglob("*.tflite")))
    if options.quick:
        files = [f for f in files if f.stem in QUICK]
    if not files:
        print(f"no .tflite file in {' '.join(map(str, options.models))}: nothing to compare")
        return 0 if options.quick else 2
    CACHE.mkdir(parents=True, exist_ok=True)
    program = digest(MOTE) + digest(Path(__file__)) + ",".join(boards)
    done = 0

    def one(file: Path) -> dict:
        nonlocal done
        key = hashlib.sha256((program + digest(file) + file.stem).encode()).hexdigest()[:20]
        cached = CACHE / f"{key}.json"
        if cached.exists() and not options.again:
            row = json.loads(cached.read_text())
        else:
            row = measure(file, boards)
            part = cached.with_suffix(f".part{os.getpid()}")
            part.write_text(json.dumps(row))
            part.replace(cached)
        done += 1
        print(f"[{done}/{len(files)}] {verdict(row):<9}{line_of(row, boards)}", flush=True)
        return row

    pool = ThreadPoolExecutor(options.jobs)
    try:
        rows = list(pool.map(one, files))
    except KeyboardInterrupt:
        pool.shutdown(cancel_futures=True)
        print("interrupted; what was measured is kept, run again to go on")
        return 130
    wrong = sum(verdict(row) == "wrong" for row in rows)
    print(f"{len(rows)} models, {wrong} wrong")
    if options.models == FOLDERS and boards == BOARDS and not options.quick:
        part = PAGE.with_suffix(".part")
        part.write_text(page(rows, boards))
        part.replace(PAGE)
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
