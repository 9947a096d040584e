"""The four MLPerf Tiny int8 models, their evaluation data as input arrays, and what mote and TFLM make of them.

The data is not part of the repository: it lies in ../shared/mlperf_tiny beside it, or in $MOTE_SHARED/mlperf_tiny.
"""

import dataclasses
import datetime
import json
import lzma
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
MOTE = ROOT / "build" / "release" / "mote"
DATA = Path(os.environ.get("MOTE_SHARED", ROOT.parent / "shared")) / "mlperf_tiny"


def labels(name: str) -> np.ndarray:
    """Third column of an evaluation list: the class."""
    lines = (DATA / "eval" / f"{name}.y_labels.csv").read_text().splitlines()
    return np.array([int(line.split(",")[2]) for line in lines if line.strip()])


def kws_inputs() -> np.ndarray:
    return np.frombuffer((DATA / "eval" / "kws01.bin").read_bytes(), np.int8).reshape(-1, 1, 49, 10, 1)


def pixels(raw: bytes, side: int) -> np.ndarray:
    """uint8 pixels; the models' zero point is -128 and their scale 1/255 or 1, so that a pixel p becomes p - 128."""
    return (np.frombuffer(raw, np.uint8).astype(np.int16) - 128).astype(np.int8).reshape(-1, 1, side, side, 3)


def ic_inputs() -> np.ndarray:
    return pixels((DATA / "eval" / "ic01.bin").read_bytes(), 32)


def vww_inputs() -> np.ndarray:
    return pixels(lzma.decompress((DATA / "eval" / "vww01.bin.xz").read_bytes()), 96)


AD_FRAMES, AD_MELS, AD_WINDOW = 200, 128, 5


def ad_windows() -> np.ndarray:
    """float32 [clips, windows, 640]: five frames of 128 log-mel energies, one frame further each time."""
    clips = np.frombuffer(lzma.decompress((DATA / "eval" / "ad01.bin.xz").read_bytes()), np.float32)
    clips = clips.reshape(-1, AD_FRAMES * AD_MELS)
    starts = range(0, (AD_FRAMES - AD_WINDOW + 1) * AD_MELS, AD_MELS)
    return np.stack([clips[:, s : s + AD_WINDOW * AD_MELS] for s in starts], axis=1)


def quantize(x: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    """As the benchmark's harness does: divide in float32, round half away from zero, add the zero point, clamp."""
    q = x.astype(np.float32) / np.float32(scale)
    rounded = np.where(q < 0, -np.floor(-q + np.float32(0.5)), np.floor(q + np.float32(0.5)))
    return np.clip(rounded + zero_point, -128, 127).astype(np.int8)


def dequantize(q: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return (q.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)


def ad_inputs() -> np.ndarray:
    scale, zero_point = quantization(MODELS["ad"].path, "input")
    return quantize(ad_windows().reshape(-1, 1, AD_WINDOW * AD_MELS), scale, zero_point)


@dataclasses.dataclass(frozen=True)
class Model:
    file: str
    inputs: Callable[[], np.ndarray]  # int8, one model input per row

    @property
    def path(self) -> Path:
        return DATA / "models" / self.file


MODELS = {
    "kws": Model("kws_ref_model_int8.tflite", kws_inputs),
    "vww": Model("vww_96_int8.tflite", vww_inputs),
    "ic": Model("ic_pretrainedResnet_int8.tflite", ic_inputs),
    "ad": Model("ad01_int8.tflite", ad_inputs),
}


def quantization(model: Path, which: str) -> tuple[float, int]:
    """Scale and zero point of the only "input" or "output", as `mote inspect` reads them."""
    described = json.loads(subprocess.run([MOTE, "inspect", model, "--json"], check=True, capture_output=True).stdout)
    tensor = described[which + "s"][0]
    return tensor["scale"][0], tensor["zero_point"][0]


def run_mote(model: Path, board: str, inputs: np.ndarray) -> tuple[np.ndarray, dict]:
    """Outputs, one per row of inputs, and the report of `mote run`."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "inputs.npy", Path(folder) / "outputs.npy"
        np.save(source, inputs)
        done = subprocess.run([MOTE, "run", model, "--board", board, "--input", source, "--output", target, "--json",
                               "--no-count", "--no-check", "--timeout", "3000"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"mote run {model.name} --board {board} failed:\n{done.stderr}")
        return np.load(target), json.loads(done.stdout)


def run_tflm(model: Path, inputs: np.ndarray) -> np.ndarray:
    """What TensorFlow Lite Micro itself computes."""
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_file(str(model))
    rows = []
    for row in inputs:
        interpreter.set_input(row, 0)
        interpreter.invoke()
        rows.append(interpreter.get_output(0).copy())
    return np.stack(rows)


def provenance() -> list[str]:
    """Lines that say what was run: commit, compilers, emulator, wheel."""

    def first_line(*command: str) -> str:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()[0].strip()

    from importlib.metadata import version

    dirty = " with local changes" if subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT).returncode else ""
    return [
        f"- date {datetime.date.today().isoformat()}, commit {first_line('git', 'rev-parse', '--short=12', 'HEAD')}{dirty}",
        f"- {first_line('arm-none-eabi-gcc', '--version')}",
        f"- {first_line('riscv64-unknown-elf-gcc', '--version')}",
        f"- {first_line('qemu-system-arm', '--version')}",
        f"- oracle: TensorFlow Lite Micro, wheel tflite_micro {version('tflite_micro')}",
    ]
