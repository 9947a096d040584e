"""Writes the models of examples/custom_*: one or two CUSTOM operators each, and what NumPy computes for them.

The weights are random, so the models are synthetic; the arithmetic is worked here once more, in NumPy's integers.
Needs the wheels tflite-micro, numpy and flatbuffers: the venv that the set-up script makes.
"""

import math
import pathlib
import struct

import flatbuffers
import numpy as np
from flatbuffers import flexbuffers
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "examples"
TYPES = {np.dtype(np.int8): 9, np.dtype(np.int16): 7, np.dtype(np.int32): 2}


def build(name, tensors, operators):
    """tensors: (dtype, shape, scale or None, zero point, data or None); the first is the input, the last the output.
    operators: (inputs, outputs, custom_options)."""
    model, subgraph, code = schema.ModelT(), schema.SubGraphT(), schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = 32
    code.customCode, code.version = name, 1
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [subgraph], [schema.BufferT()]
    model.description = "synthetic: random weights"
    subgraph.tensors, subgraph.operators = [], []
    for i, (dtype, shape, scale, zero_point, data) in enumerate(tensors):
        t = schema.TensorT()
        t.name, t.type, t.shape, t.buffer = f"tensor_{i}", TYPES[np.dtype(dtype)], list(shape), 0
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data, dtype).tobytes(), np.uint8)
            model.buffers.append(buffer)
            t.buffer = len(model.buffers) - 1
        if scale is not None:
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale, t.quantization.zeroPoint = [scale], [zero_point]
        subgraph.tensors.append(t)
    for inputs, outputs, custom in operators:
        o = schema.OperatorT()
        o.opcodeIndex, o.inputs, o.outputs = 0, inputs, outputs
        o.customOptions = np.frombuffer(bytes(custom), np.uint8)
        subgraph.operators.append(o)
    subgraph.inputs, subgraph.outputs = [0], [len(tensors) - 1]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def requantize(x, real):
    """x * real as TFLite Micro rounds it: a doubling high multiply, then a division by a power of two."""
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * 2**31 + 0.5)
    if multiplier == 2**31:
        multiplier, shift = multiplier // 2, shift + 1
    x = x.astype(np.int64) << max(shift, 0)
    high = (x * multiplier + 2**30) >> 31
    right = max(-shift, 0)
    half = 2**right / 2
    return (np.sign(high) * ((np.abs(high) + int(half)) >> right)).astype(np.int64)


def block(x, weights, x_q, depthwise_scale, middle_q, pointwise_scale, y_q, stride):
    depthwise, depthwise_bias, pointwise, pointwise_bias = (w.astype(np.int64) for w in weights)
    height, width, channels = x.shape
    out = [-(-height // stride), -(-width // stride)]
    pad = [max((o - 1) * stride + 3 - s, 0) // 2 for o, s in zip(out, (height, width))]
    padded = np.zeros((height + 4, width + 4, channels), np.int64)
    padded[pad[0] : pad[0] + height, pad[1] : pad[1] + width] = x.astype(np.int64) - x_q[1]
    middle = np.zeros((*out, channels), np.int64)
    for r in range(out[0]):
        for c in range(out[1]):
            window = padded[r * stride : r * stride + 3, c * stride : c * stride + 3]
            middle[r, c] = (window * depthwise).sum((0, 1)) + depthwise_bias
    f32 = lambda v: float(np.float32(v))
    middle = np.clip(requantize(middle, f32(x_q[0]) * f32(depthwise_scale) / middle_q[0]), 0, 127 - middle_q[1])
    sums = middle @ pointwise.T + pointwise_bias
    return np.clip(requantize(sums, middle_q[0] * f32(pointwise_scale) / f32(y_q[0])) + y_q[1], y_q[1], 127)


def separable(rng):
    folder = EXAMPLES / "custom_separable"
    images = rng.integers(-128, 128, (4, 12, 10, 3))
    tensors, operators, values = [(np.int8, (1, 12, 10, 3), 0.02, -3, None)], [], list(images)
    q, shape = (0.02, -3), (12, 10, 3)
    for channels, stride, y_q, middle_q in [(8, 1, (0.03, -128), (0.03, -128)), (5, 2, (0.04, -100), (0.025, -110))]:
        weights = [rng.integers(-127, 128, (3, 3, shape[2])), rng.integers(-2000, 2000, shape[2]),
                   rng.integers(-127, 128, (channels, shape[2])), rng.integers(-2000, 2000, channels)]
        values = [block(v, weights, q, 0.005, middle_q, 0.004, y_q, stride) for v in values]
        first = len(tensors)
        for w, (dtype, scale) in zip(weights, [(np.int8, 0.005), (np.int32, None), (np.int8, 0.004), (np.int32, None)]):
            tensors.append((dtype, w.shape, scale, 0, w))
        shape = values[0].shape
        tensors.append((np.int8, (1, *shape), *y_q, None))
        options = flexbuffers.Dumps({"stride": stride, "middle_scale": middle_q[0], "middle_zero_point": middle_q[1]})
        operators.append(([first - 1, *range(first, first + 4)], [first + 4], options))
        q = y_q
    (folder / "separable.tflite").write_bytes(build("SeparableBlock", tensors, operators))
    np.save(folder / "images.npy", images.astype(np.int8)[:, None])
    np.save(folder / "expected.npy", np.stack(values).astype(np.int8)[:, None])


def half(rng):
    folder = EXAMPLES / "custom_half"
    scale, zero_point = np.float32(0.05), -20
    x = np.concatenate([rng.normal(0, 4, 60), [np.inf, -np.inf, np.nan, 6e-8]]).astype(np.float16).reshape(1, 1, 64)
    ratio = x.astype(np.float32) / scale
    rounded = np.sign(ratio) * np.floor(np.abs(ratio).astype(np.float64) + 0.5)
    y = np.where(np.isnan(ratio), zero_point, np.clip(np.nan_to_num(rounded, posinf=512, neginf=-512) + zero_point, -128, 127))
    model = build("HalfQuantize", [(np.int16, (1, 64), None, 0, None), (np.int8, (1, 64), float(scale), zero_point, None)],
                  [([0], [1], struct.pack("<fi", scale, zero_point))])
    (folder / "half.tflite").write_bytes(model)
    np.save(folder / "halves.npy", x.view(np.int16))
    np.save(folder / "expected.npy", y.astype(np.int8))


if __name__ == "__main__":
    separable(np.random.default_rng(1))
    half(np.random.default_rng(2))
