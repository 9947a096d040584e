#!/usr/bin/env python3
"""Writes tests/vectors/signal: short synthetic sounds, and the features that SciPy (float64), pymicro-features and
TensorFlow Lite Micro make of them.

usage: generate.py [--model micro_speech_audio_preprocessor_int8.tflite]
needs: numpy, scipy, pymicro-features; with --model also tflite-micro
Format of a .features file, little endian: 8 bytes `MOTESIG1`, u32 samples, u32 rows, u32 channels, the samples as s16,
the rows as f32.
"""
import argparse
import importlib.metadata
import struct
from pathlib import Path

import numpy as np
import scipy.fft
import scipy.signal

OUT = Path(__file__).parents[3] / "tests" / "vectors" / "signal"
RATE = 16000


def synthetic(samples: int) -> np.ndarray:
    """Something like a voice, peak 1: a gliding pulse train through three resonances, hiss, a pause, and a click."""
    rng = np.random.default_rng(20)
    t = np.arange(samples) / RATE
    phase = np.cumsum(110 + 60 * np.sin(2 * np.pi * 2.3 * t)) / RATE
    pulses = np.diff(np.floor(phase), prepend=0)
    voice = np.zeros(samples)
    for hz, width, gain in ((600, 90, 1.0), (1400, 120, 0.5), (2700, 180, 0.25)):
        r = np.exp(-np.pi * width / RATE)
        voice += gain * scipy.signal.lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * hz / RATE), r * r], pulses)
    hiss = scipy.signal.lfilter([1, -0.9], [1], rng.standard_normal(samples))
    envelope = np.clip(np.sin(2 * np.pi * 3 * t), 0, 1)
    x = voice / np.abs(voice).max() * envelope + 0.02 * hiss * (1 - envelope) + 1e-3 * rng.standard_normal(samples)
    x[samples // 3] += 0.7
    return x / np.abs(x).max()


def pcm(x: np.ndarray, decibels: float) -> np.ndarray:
    return np.round(x * 32767 * 10 ** (decibels / 20)).astype(np.int16)


def hz_to_mel(hz, slaney):
    hz = np.asarray(hz, float)
    if not slaney:
        return 2595 * np.log10(1 + hz / 700)
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1) / 1000) * 27 / np.log(6.4))


def mel_to_hz(mel, slaney):
    mel = np.asarray(mel, float)
    if not slaney:
        return 700 * (10 ** (mel / 2595) - 1)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def mel_weights(fft, bands, low, high, slaney):
    """The usual triangles; of equal area on the Slaney scale."""
    corner = mel_to_hz(np.linspace(hz_to_mel(low, slaney), hz_to_mel(high, slaney), bands + 2), slaney)
    hz = np.arange(fft // 2 + 1) * RATE / fft
    rows = []
    for low_hz, peak, high_hz in zip(corner, corner[1:], corner[2:]):
        row = np.maximum(0, np.minimum((hz - low_hz) / (peak - low_hz), (high_hz - hz) / (high_hz - peak)))
        rows.append(row * (2 / (high_hz - low_hz) if slaney else 1))
    return np.array(rows)


def power(x, frame=512, hop=256, window="hann", pre_emphasis=0.0, **_):
    x = x.astype(float)
    if pre_emphasis:
        x = scipy.signal.lfilter([1, -pre_emphasis], [1], x)
    frames = np.lib.stride_tricks.sliding_window_view(x, frame)[::hop]
    fft = 1 << (frame - 1).bit_length()
    return np.abs(scipy.fft.rfft(frames * scipy.signal.get_window(window, frame), fft)) ** 2


def log2(x):
    """In squared steps of a sample, at least 0."""
    return np.log2(np.maximum(x, 1))


def energies(x, frame=512, bands=40, low=20, high=8000, slaney=False, **kw):
    return power(x, frame=frame, **kw) @ mel_weights(1 << (frame - 1).bit_length(), bands, low, high, slaney).T


def mfcc(x, **kw):
    return scipy.fft.dct(log2(energies(x, **kw)), norm="ortho")[:, :13]


def pcen(x, s=0.025, gain=0.98, bias=2.0, p=0.5, epsilon=1.0):
    e = energies(x)
    m = scipy.signal.lfilter([s], [1, s - 1], e, axis=0, zi=e[:1] * (1 - s))[0]
    return (e / (epsilon + m) ** gain + bias) ** p - bias**p


def with_deltas(rows, reach):
    """Regression slopes, `reach` rows late, with the first row repeated before the start."""
    padded = np.concatenate([np.repeat(rows[:1], 2 * reach, axis=0), rows])
    n = np.arange(-reach, reach + 1)
    slopes = np.stack([(padded[t : t + 2 * reach + 1] * n[:, None]).sum(0) for t in range(len(rows))]) / (n * n).sum()
    return slopes


def micro(x):
    from pymicro_features import MicroFrontend

    front_end, rows = MicroFrontend(), []
    for at in range(0, len(x) - 159, 160):
        features = front_end.process_samples(x[at : at + 160].astype("<i2").tobytes()).features
        if features:
            rows.append(features)
    return np.round(np.array(rows) / 0.0390625)  # it scales its integers by 10 / 256


def micro_graph(x, model):
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_file(model, custom_op_registerers=[])
    rows = []
    for at in range(0, len(x) - 479, 320):
        interpreter.set_input(x[at : at + 480].reshape(1, 480), 0)
        interpreter.invoke()
        rows.append(interpreter.get_output(0).ravel().copy())
    return np.array(rows)


def write(name: str, x: np.ndarray, rows: np.ndarray) -> None:
    header = b"MOTESIG1" + struct.pack("<3I", len(x), *rows.shape)
    (OUT / f"{name}.features").write_bytes(header + x.astype("<i2").tobytes() + rows.astype("<f4").tobytes())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    model = parser.parse_args().model
    OUT.mkdir(parents=True, exist_ok=True)
    voice = synthetic(4000)
    for decibels in (0, -20, -40, -60):
        x = pcm(voice, decibels)
        write(f"mfe_{-decibels}db", x, log2(energies(x)))
        write(f"mfcc_{-decibels}db", x, mfcc(x))
    x = pcm(voice, -6)
    write("mfe_pre_emphasis", x, log2(energies(x, pre_emphasis=0.97)))
    write("mfe_hamming_25ms", x, log2(energies(x, frame=400, hop=160, window="hamming", low=125, high=7500)))
    write("mfe_slaney_64ms", x, log2(energies(x, frame=1024, hop=512, bands=64, low=50, slaney=True)))
    write("mfe_8ms", x, log2(energies(x, frame=128, hop=128, bands=12)))
    write("spectrogram", x[:1200], log2(power(x[:1200])))
    write("pcen", x, pcen(x))
    rows = mfcc(x)
    slopes = with_deltas(rows, 2)
    write("mfcc_deltas", x, np.concatenate([rows, slopes, with_deltas(slopes, 2)], axis=1))
    # The micro front end: the voice, then everything that is hard for 16 bits.
    rng = np.random.default_rng(21)
    hard = np.concatenate([
        pcm(synthetic(8000), -3),
        rng.integers(-32768, 32768, 1600),
        np.where(rng.random(1600) < 0.5, -32768, 32767),
        np.where(np.arange(1600) % 160 == 0, -32768, 0),
        rng.integers(-3, 4, 1600),
        np.zeros(800),
    ]).astype(np.int16)
    write("micro_library", hard, micro(hard))
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "scipy", "pymicro-features")}
    if model:
        write("micro_graph", hard, micro_graph(hard, model))
        versions["tflite-micro"] = importlib.metadata.version("tflite-micro")
    (OUT / "PROVENANCE").write_text(
        "generator  tools/vectors/features/generate.py --model micro_speech_audio_preprocessor_int8.tflite\n"
        "input      synthetic, made by the generator; no recordings\n"
        "oracle     SciPy in float64; micro_library: the wheel pymicro-features; micro_graph: TensorFlow Lite Micro\n"
        "           (wheel tflite-micro) running the preprocessor model of its micro_speech example\n"
        "versions   " + ", ".join(f"{name} {version}" for name, version in versions.items()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
