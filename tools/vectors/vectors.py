"""Foreign vectors: builds single-operator .tflite models and records what TensorFlow Lite Micro computes for them.

An operator's file (conv_2d.py, ...) lists its cases; generate.py runs them. See tests/vectors/README.md for the format.
"""

import dataclasses
import math
import struct
from typing import Any, Optional, Sequence

import flatbuffers
import numpy as np
from tflite_micro.python.tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

# name: (TFLite's TensorType, numpy type)
TYPES = {
    "f32": (0, np.float32),
    "s32": (2, np.int32),
    "u8": (3, np.uint8),
    "s64": (4, np.int64),
    "bool": (6, np.bool_),
    "s16": (7, np.int16),
    "s8": (9, np.int8),
    "s4": (17, np.int8),  # constants only: two to a byte in the file
}


@dataclasses.dataclass
class Tensor:
    """A tensor of a case; constant where it has data. scale: None, a number, or one per channel along axis."""

    type: str
    shape: Sequence[int]
    scale: Any = None
    zero_point: Any = 0
    axis: int = 0
    data: Optional[np.ndarray] = None
    low: Optional[float] = None  # the values an input may take; default: the whole type, or +-8 for f32
    high: Optional[float] = None
    variable: bool = False  # keeps its value from run to run; not fed

    @property
    def dtype(self):
        return TYPES[self.type][1]

    def range(self):
        if self.type == "f32":
            default = (-8.0, 8.0)
        elif self.type == "bool":
            default = (0, 1)
        elif self.type in ("s32", "s64"):
            default = (-(2**15), 2**15)
        else:
            default = (np.iinfo(self.dtype).min, np.iinfo(self.dtype).max)
        return (default[0] if self.low is None else self.low, default[1] if self.high is None else self.high)


@dataclasses.dataclass
class Case:
    """One operator with its tensors. An absent optional input is None."""

    name: str
    op: str  # TFLite's name: "CONV_2D"
    inputs: Sequence[Optional[Tensor]]
    outputs: Sequence[Tensor]
    options: Any = None  # "Conv2DOptionsT" object of the schema, made by options()
    version: int = 1
    # Recorded input patterns, beside those every case gets; each is a list of arrays, one per non-constant input.
    extra_runs: Sequence[Sequence[np.ndarray]] = ()
    random_runs: int = 2
    # Runs of a stateful operator depend on each other when False: state is not reset between them.
    reset_between_runs: bool = True


def options(name, **fields):
    """options("Conv2DOptions", strideW=2): the options table of that name in the schema."""
    table = getattr(schema, name + "T")()
    for field, value in fields.items():
        if not hasattr(table, field):
            raise AttributeError(f"{name} has no field {field}")
        setattr(table, field, value)
    return table


# --- making constants -------------------------------------------------------------------------------------------------


def real_scale(rng, low=0.002, high=0.2):
    """A scale factor, log-uniform."""
    return float(np.float32(math.exp(rng.uniform(math.log(low), math.log(high)))))


def zero_point(rng, dtype="s8"):
    """A zero point; every third time at one end of the range."""
    if dtype != "s8":
        return 0
    return int(rng.choice([-128, 127, int(rng.integers(-128, 128)), int(rng.integers(-128, 128)), int(rng.integers(-128, 128)), 0]))


def activation(rng, dtype, shape, low=0.002, high=0.2):
    """A non-constant tensor with random quantisation."""
    if dtype == "f32":
        return Tensor("f32", shape)
    if dtype == "s16":
        return Tensor("s16", shape, real_scale(rng, 0.0001, 0.005), 0)
    return Tensor(dtype, shape, real_scale(rng, low, high), zero_point(rng, dtype))


def constant(dtype, values, scale=None, zero_point=0, axis=0):
    array = np.asarray(values, dtype=TYPES[dtype][1])
    return Tensor(dtype, array.shape, scale, zero_point, axis, array)


def random_values(rng, dtype, shape, low=None, high=None):
    t = Tensor(dtype, shape, low=low, high=high)
    a, b = t.range()
    if dtype == "f32":
        return rng.uniform(a, b, shape).astype(np.float32)
    return rng.integers(int(a), int(b), shape, endpoint=True).astype(t.dtype)


def weights(rng, dtype, shape, axis=0, per_channel=True):
    """Symmetric int8 weights (or f32, or s4), one scale per index of axis, or one in all; -128 does not occur, as in converters."""
    if dtype == "f32":
        return constant("f32", rng.uniform(-1, 1, shape))
    limit = 7 if dtype == "s4" else 127
    values = rng.integers(-limit, limit, shape, endpoint=True)
    scale = [real_scale(rng, 0.001, 0.02) for _ in range(shape[axis])] if per_channel else real_scale(rng, 0.001, 0.02)
    return constant("s4" if dtype == "s4" else "s8", values, scale, 0, axis)


def bias(rng, dtype, channels, wide=True):
    """f32; s32 beside int8 activations; s64 beside int16 ones, s32 where not wide. dtype: the activations' type."""
    if dtype == "f32":
        return constant("f32", rng.uniform(-1, 1, channels))
    limit = 2000 if dtype == "s8" else 200000
    return constant("s64" if dtype == "s16" and wide else "s32", rng.integers(-limit, limit, channels))


def output_scale(x, w, taps, spread=1.0):
    """The scale at which sums of `taps` random products fill the output's type without saturating much."""
    if x.type == "f32":
        return None
    mean_w = float(np.mean(np.atleast_1d(w.scale)))
    std = math.sqrt(taps) * (74 if x.type == "s8" else 18918) * (4.3 if w.type == "s4" else 74) * x.scale * mean_w
    return float(np.float32(spread * std / (50 if x.type == "s8" else 12000)))


def window_out(size, kernel, stride, dilation, same):
    extent = (kernel - 1) * dilation + 1
    return -(-size // stride) if same else (size - extent) // stride + 1


# --- the container ----------------------------------------------------------------------------------------------------


def build(case):
    """The bytes of a .tflite that holds the one operator."""
    buffers = [schema.BufferT()]
    tensors, ids = [], {}

    def add(tensor, name):
        t = schema.TensorT()
        t.name = name
        t.type = TYPES[tensor.type][0]
        t.shape = [int(d) for d in tensor.shape]
        t.buffer = 0
        t.isVariable = tensor.variable
        if tensor.data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(tensor.data).tobytes(), dtype=np.uint8)
            if tensor.type == "s4":
                halves = np.append(buffer.data, np.zeros(buffer.data.size % 2, np.uint8)) & 15
                buffer.data = halves[0::2] | halves[1::2] << 4
            buffers.append(buffer)
            t.buffer = len(buffers) - 1
        if tensor.scale is not None:
            q = schema.QuantizationParametersT()
            q.scale = [float(s) for s in np.atleast_1d(tensor.scale)]
            zeros = np.atleast_1d(tensor.zero_point)
            q.zeroPoint = [int(z) for z in (zeros if len(zeros) == len(q.scale) else np.repeat(zeros, len(q.scale)))]
            q.quantizedDimension = tensor.axis if len(q.scale) > 1 else 0
            t.quantization = q
        tensors.append(t)
        return len(tensors) - 1

    operator = schema.OperatorT()
    operator.inputs, operator.outputs = [], []
    for i, tensor in enumerate(case.inputs):
        if tensor is None:
            operator.inputs.append(-1)
            continue
        if id(tensor) not in ids:  # the same object twice: one tensor read twice
            ids[id(tensor)] = add(tensor, f"input_{i}")
        operator.inputs.append(ids[id(tensor)])
    for i, tensor in enumerate(case.outputs):
        operator.outputs.append(add(tensor, f"output_{i}"))
    operator.opcodeIndex = 0
    if case.options is not None:
        operator.builtinOptions = case.options
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(case.options).__name__[:-1])

    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, case.op)
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = case.version

    subgraph = schema.SubGraphT()
    subgraph.tensors = tensors
    subgraph.operators = [operator]
    subgraph.inputs = [ids[id(t)] for t in fed(case)]
    subgraph.outputs = operator.outputs

    model = schema.ModelT()
    model.version = 3
    model.operatorCodes = [code]
    model.subgraphs = [subgraph]
    model.buffers = buffers
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def fed(case):
    """The non-constant inputs, each once."""
    out = []
    for t in case.inputs:
        if t is not None and t.data is None and not t.variable and not any(t is seen for seen in out):
            out.append(t)
    return out


# --- inputs -----------------------------------------------------------------------------------------------------------


def patterns(tensor, rng):
    """Named fillings of one input: both ends, the zero point, a ramp."""
    low, high = tensor.range()
    size = math.prod(tensor.shape)
    if tensor.type == "f32":
        ramp = np.linspace(low, high, size)
    elif tensor.type == "bool":
        ramp = np.arange(size) % 2
    else:
        ramp = low + np.arange(size, dtype=np.int64) * 37 % (int(high) - int(low) + 1)
    zero = tensor.zero_point if tensor.scale is not None else min(max(0, low), high)
    make = lambda v: np.broadcast_to(np.asarray(v), (size,)).astype(tensor.dtype).reshape(tensor.shape)
    return {"low": make(low), "high": make(high), "zero": make(zero), "ramp": make(ramp)}


def runs(case, rng):
    """The input arrays of every run of a case."""
    tensors = fed(case)
    out = []
    if tensors:
        named = [patterns(t, rng) for t in tensors]
        for key in ("low", "high", "zero", "ramp"):
            out.append([p[key] for p in named])
        if len(tensors) > 1:  # opposite ends against each other
            out.append([p["low" if i % 2 else "high"] for i, p in enumerate(named)])
            out.append([p["high" if i % 2 else "low"] for i, p in enumerate(named)])
    out.extend(case.extra_runs)
    for _ in range(case.random_runs):
        out.append([random_values(rng, t.type, t.shape, t.low, t.high) for t in tensors])
    return out


# --- running and writing ----------------------------------------------------------------------------------------------


def invoke(interpreter, inputs, output_count):
    for i, value in enumerate(inputs):
        interpreter.set_input(np.ascontiguousarray(value), i)
    interpreter.invoke()
    return [np.array(interpreter.get_output(i)) for i in range(output_count)]


def record(case, model, rng):
    """The bytes of <case>.bin: what TFLM gives for every run."""
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
    tensors = list(fed(case)) + list(case.outputs)
    results = []
    for inputs in runs(case, rng):
        if case.reset_between_runs:
            interpreter.reset()
        results.append((inputs, invoke(interpreter, inputs, len(case.outputs))))
    out = b"MOTEVEC1" + struct.pack("<III", len(results), len(fed(case)), len(case.outputs))
    for t in tensors:
        out += struct.pack(f"<II{len(t.shape)}I", TYPES[t.type][0], len(t.shape), *t.shape)
    for inputs, outputs in results:
        for tensor, value in zip(tensors, list(inputs) + outputs):
            if value.dtype != tensor.dtype or value.size != math.prod(tensor.shape):
                raise ValueError(f"{case.name}: TFLM gives {value.dtype}{value.shape}, the case says {tensor.type}{tensor.shape}")
            out += np.ascontiguousarray(value).tobytes()
    return out
