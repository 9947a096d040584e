"""Writes small ONNX models and what onnxruntime computes for them: generate.py [--seed N] [--fresh DIR]

Without --fresh: the committed ones under tests/vectors/onnx, from the seed that PROVENANCE states.
Needs the wheels onnx, onnxruntime and numpy. The .runs files have the format of tests/vectors/README.md.
"""

import argparse
import importlib.metadata
import pathlib
import secrets
import shutil
import struct
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

COMMITTED = pathlib.Path(__file__).resolve().parents[3] / "tests" / "vectors" / "onnx"
TYPE_CODES = {np.dtype(np.float32): 0, np.dtype(np.int32): 2, np.dtype(np.uint8): 3, np.dtype(np.int64): 4,
              np.dtype(np.int8): 9}
ONNX_TYPES = {np.float32: TensorProto.FLOAT, np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8}
RUNS = 3


class Model:
    """Collects nodes; constants become initializers."""

    def __init__(self, rng, opset=17):
        self.rng, self.opset = rng, opset
        self.nodes, self.constants, self.inputs, self.outputs, self.infos = [], [], [], [], []

    def const(self, value, name=None):
        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def normal(self, *shape, scale=0.5):
        return self.const((self.rng.standard_normal(shape) * scale).astype(np.float32))

    def input(self, name, shape, dtype=np.float32):
        self.inputs.append((name, [d if isinstance(d, int) else 1 for d in shape], dtype))
        self.infos.append(helper.make_tensor_value_info(name, ONNX_TYPES[dtype], shape))
        return name

    def op(self, kind, inputs, outputs=1, domain="", **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def output(self, name, dtype=np.float32):
        self.outputs.append(helper.make_tensor_value_info(name, ONNX_TYPES[dtype], None))

    def quantize(self, x, scale, zero_point, dtype=np.int8):
        return self.op("QuantizeLinear", [x, self.const(np.float32(scale)), self.const(dtype(zero_point))])

    def dequantize(self, x, scale, zero_point, dtype=np.int8):
        return self.op("DequantizeLinear", [x, self.const(np.float32(scale)), self.const(dtype(zero_point))])

    def fake(self, x, scale, zero_point, dtype=np.int8):
        return self.dequantize(self.quantize(x, scale, zero_point, dtype), scale, zero_point, dtype)

    def weights(self, *shape, axis=None):
        """int8 weights behind DequantizeLinear, per channel along axis. Returns the name and the scales."""
        q = self.const(self.rng.integers(-127, 128, shape, dtype=np.int8))
        if axis is None:
            scale = np.float32(self.rng.uniform(0.004, 0.01))
            return self.op("DequantizeLinear", [q, self.const(scale), self.const(np.int8(0))]), scale
        scale = self.rng.uniform(0.004, 0.01, shape[axis]).astype(np.float32)
        zero = np.zeros(shape[axis], np.int8)
        return self.op("DequantizeLinear", [q, self.const(scale), self.const(zero)], axis=axis), scale

    def bias(self, count, scale):
        q = self.const(self.rng.integers(-2000, 2000, count, dtype=np.int32))
        scale = np.broadcast_to(np.float32(scale), (count,)).astype(np.float32)
        return self.op("DequantizeLinear", [q, self.const(scale), self.const(np.zeros(count, np.int32))], axis=0)

    def build(self):
        graph = helper.make_graph(self.nodes, "g", self.infos, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", self.opset)]
        if any(n.domain for n in self.nodes):
            opsets.append(helper.make_opsetid("com.microsoft", 1))
        model = helper.make_model(graph, opset_imports=opsets, producer_name="mote vectors")
        model.ir_version = 8
        return model


def float_cases():
    """name -> function of a Model that has no quantisation."""
    cases = {}
    case = lambda f: cases.setdefault(f.__name__, f)

    @case
    def cnn(m):  # a plain CNN as PyTorch writes it, ending in Flatten and Gemm of a picture that is more than a pixel
        x = m.input("image", ["N", 3, 10, 8])
        x = m.op("Conv", [x, m.normal(6, 3, 3, 3), m.normal(6)], pads=[1, 1, 1, 1], strides=[2, 2])
        x = m.op("BatchNormalization", [x, m.normal(6), m.normal(6), m.normal(6),
                                        m.const(m.rng.uniform(0.5, 2, 6).astype(np.float32))])
        x = m.op("Relu", [x])
        x = m.op("Conv", [x, m.normal(6, 1, 3, 3), m.normal(6)], pads=[1, 1, 1, 1], group=6)
        x = m.op("Clip", [x, m.const(np.float32(0)), m.const(np.float32(6))])
        x = m.op("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
        x = m.op("Flatten", [x])
        m.output(m.op("Gemm", [x, m.normal(5, 36), m.normal(5)], transB=1))

    @case
    def residual(m):
        x = m.input("image", [1, 4, 7, 6])
        y = m.op("Conv", [x, m.normal(4, 4, 3, 3)], auto_pad="SAME_UPPER")
        z = m.op("Add", [x, m.op("LeakyRelu", [y], alpha=0.2)])
        s = m.op("GlobalAveragePool", [z])
        s = m.op("Sigmoid", [m.op("Conv", [s, m.normal(4, 4, 1, 1), m.normal(4)])])
        z = m.op("Mul", [z, s])
        m.output(m.op("ReduceMean", [z], axes=[2, 3], keepdims=0))

    @case
    def grouped(m):
        x = m.input("image", [1, 6, 5, 7])
        x = m.op("Conv", [x, m.normal(9, 2, 3, 2), m.normal(9)], group=3, dilations=[1, 2], pads=[0, 1, 2, 0])
        m.output(m.op("Tanh", [x]))

    @case
    def depth_multiplier(m):
        x = m.input("image", [1, 3, 6, 5])
        m.output(m.op("Conv", [x, m.normal(6, 1, 3, 3), m.normal(6)], group=3, auto_pad="SAME_LOWER", strides=[2, 1]))

    @case
    def signal(m):  # one dimension
        x = m.input("signal", [1, 3, 20])
        x = m.op("Relu", [m.op("Conv", [x, m.normal(8, 3, 5), m.normal(8)], strides=[2], pads=[2, 2])])
        x = m.op("AveragePool", [x], kernel_shape=[2], strides=[2])
        x = m.op("Conv", [x, m.normal(8, 1, 3)], group=8)
        x = m.op("GlobalMaxPool", [x])
        x = m.op("Squeeze", [x, m.const(np.int64([2]))])
        m.output(m.op("Softmax", [m.op("MatMul", [x, m.normal(8, 4)])]))

    @case
    def shuffle(m):  # channel shuffle: reshape, transpose, reshape
        x = m.input("image", [1, 6, 4, 3])
        x = m.op("Conv", [x, m.normal(8, 6, 1, 1)])
        x = m.op("Reshape", [x, m.const(np.int64([1, 2, 4, 4, 3]))])
        x = m.op("Transpose", [x], perm=[0, 2, 1, 3, 4])
        x = m.op("Reshape", [x, m.const(np.int64([1, -1, 4, 3]))])
        m.output(m.op("Conv", [x, m.normal(2, 8, 1, 1), m.normal(2)]))

    @case
    def shapes(m):  # the little programs over shapes that exporters write
        x = m.input("x", [1, 2, 3, 4])
        s = m.op("Shape", [x])
        n = m.op("Gather", [s, m.const(np.int64(0))], axis=0)
        n = m.op("Unsqueeze", [n, m.const(np.int64([0]))])
        rest = m.op("Slice", [s, m.const(np.int64([1])), m.const(np.int64([2**63 - 1])), m.const(np.int64([0]))])
        c = m.op("Gather", [rest, m.const(np.int64([0, 1]))])
        c = m.op("Mul", [c, m.const(np.int64([1, 4]))])
        y = m.op("Reshape", [x, m.op("Concat", [n, c], axis=0)])
        m.output(m.op("Relu", [y]))

    @case
    def parts(m):
        x = m.input("image", [1, 6, 5, 4])
        x = m.op("Conv", [x, m.normal(6, 6, 1, 1)])
        a, b = m.op("Split", [x, m.const(np.int64([2, 4]))], outputs=2, axis=1)
        b = m.op("Slice", [b, m.const(np.int64([-1, 4])), m.const(np.int64([-5, 0])), m.const(np.int64([1, 2])),
                           m.const(np.int64([-1, -2]))])
        a = m.op("Slice", [a, m.const(np.int64([1])), m.const(np.int64([3])), m.const(np.int64([2]))])
        y = m.op("Concat", [a, b], axis=1)
        m.output(m.op("Pad", [y, m.const(np.int64([0, 0, 1, 2, 0, 1, 0, 1])), m.const(np.float32(0.5))]))

    @case
    def counted_padding(m):
        x = m.input("image", [1, 2, 7, 6])
        m.output(m.op("AveragePool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1))
        m.output(m.op("AveragePool", [x], kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 0]))

    @case
    def activations(m):
        x = m.input("x", [1, 12])
        for y in (m.op("Elu", [x]), m.op("HardSwish", [x]), m.op("HardSigmoid", [x], alpha=0.3, beta=0.4),
                  m.op("PRelu", [x, m.normal(12)]), m.op("Clip", [x, m.const(np.float32(-0.5)), m.const(np.float32(0.25))]),
                  m.op("Div", [x, m.const(np.float32(3))]), m.op("Max", [x, m.normal(1, 12)]),
                  m.op("Pow", [x, m.const(np.float32(2))])):
            m.output(y)

    @case
    def normalised(m):  # normalisation that nothing can take in, and a product from the left
        x = m.input("x", [1, 4, 3, 5])
        stats = [m.normal(4), m.normal(4), m.normal(4), m.const(m.rng.uniform(0.5, 2, 4).astype(np.float32))]
        x = m.op("Relu", [m.op("BatchNormalization", [x, *stats])])
        x = m.op("Reshape", [x, m.const(np.int64([4, 15]))])
        m.output(m.op("MatMul", [m.normal(3, 4), x]))

    @case
    def old_exporter(m):  # attributes that became operands later
        m.opset = 9
        x = m.input("x", [1, 3, 6, 6])
        x = m.op("Pad", [x], pads=[0, 0, 1, 0, 0, 0, 0, 1], value=0.0)
        x = m.op("Clip", [x], min=-1.0, max=1.0)
        x = m.op("Slice", [x], starts=[1, 0], ends=[7, -1], axes=[2, 3])
        x = m.op("Conv", [x, m.normal(4, 3, 2, 2)])
        x = m.op("Squeeze", [m.op("GlobalAveragePool", [x])], axes=[2, 3])
        m.output(m.op("Softmax", [m.op("Gemm", [x, m.normal(4, 5), m.normal(5)], alpha=0.5, beta=2.0)]))

    return cases


def quantized_cases():
    cases = {}
    case = lambda f: cases.setdefault(f.__name__, f)

    def conv_block(m, dtype):
        zero = 128 if dtype == np.uint8 else 0
        x = m.input("image", [1, 3, 9, 8])
        x = m.fake(x, 0.02, zero + 3, dtype)
        w, scales = m.weights(8, 3, 3, 3, axis=0)
        x = m.op("Relu", [m.op("Conv", [x, w, m.bias(8, 0.02 * scales)], pads=[0, 0, 1, 1], strides=[2, 2])])
        x = m.fake(x, 0.03, zero - 128, dtype)
        w, scales = m.weights(8, 1, 3, 3, axis=0)
        x = m.fake(m.op("Conv", [x, w, m.bias(8, 0.03 * scales)], pads=[1, 1, 1, 1], group=8), 0.04, zero - 10, dtype)
        return x, zero

    @case
    def qdq_int8(m):
        x, _ = conv_block(m, np.int8)
        x = m.fake(m.op("GlobalAveragePool", [x]), 0.01, -5)
        x = m.op("Flatten", [x])
        w, scale = m.weights(4, 8)
        x = m.fake(m.op("Gemm", [x, w, m.bias(4, 0.01 * scale)], transB=1), 0.02, 4)
        m.output(m.op("Softmax", [x]))

    @case
    def qdq_uint8(m):
        x, zero = conv_block(m, np.uint8)
        y = m.fake(m.op("MaxPool", [x], kernel_shape=[3, 3], pads=[1, 1, 1, 1]), 0.04, zero - 10, np.uint8)
        x = m.fake(m.op("Add", [x, y]), 0.06, zero, np.uint8)
        x = m.fake(m.op("Concat", [x, y], axis=1), 0.06, zero, np.uint8)
        m.output(x)

    @case
    def qdq_flatten(m):  # weights are permuted, channel by channel of the picture
        x, _ = conv_block(m, np.int8)
        x = m.op("Flatten", [x])
        w, scale = m.weights(128, 5, axis=1)
        m.output(m.fake(m.op("MatMul", [x, w]), 0.2, 1))

    @case
    def qdq_activations(m):
        x = m.fake(m.input("x", [1, 64]), 0.03, 2)
        m.output(m.fake(m.op("LeakyRelu", [x], alpha=0.1), 0.02, -20))
        m.output(m.fake(m.op("Sigmoid", [x]), 1 / 256, -128))
        m.output(m.fake(m.op("Tanh", [x]), 1 / 128, 0))
        m.output(m.fake(m.op("Mul", [x, x]), 0.06, -128))
        m.output(m.fake(m.op("Relu", [x]), 0.015, -128))

    @case
    def qoperator(m):
        x = m.input("image", [1, 3, 6, 6], np.uint8)
        const = m.const
        w = const(m.rng.integers(-127, 128, (4, 3, 3, 3), dtype=np.int8))
        ws = const(m.rng.uniform(0.004, 0.01, 4).astype(np.float32))
        y = m.op("QLinearConv", [x, const(np.float32(0.02)), const(np.uint8(120)), w, ws, const(np.zeros(4, np.int8)),
                                 const(np.float32(0.05)), const(np.uint8(100)),
                                 const(m.rng.integers(-500, 500, 4, dtype=np.int32))], pads=[1, 1, 1, 1])
        z = m.op("QLinearAdd", [y, const(np.float32(0.05)), const(np.uint8(100)), y, const(np.float32(0.05)),
                                const(np.uint8(100)), const(np.float32(0.09)), const(np.uint8(90))], domain="com.microsoft")
        z = m.op("QLinearGlobalAveragePool", [z, const(np.float32(0.09)), const(np.uint8(90)), const(np.float32(0.03)),
                                              const(np.uint8(110))], domain="com.microsoft", channels_last=0)
        z = m.op("Reshape", [z, const(np.int64([1, 4]))])
        b = const(m.rng.integers(-127, 128, (4, 3), dtype=np.int8))
        z = m.op("QLinearMatMul", [z, const(np.float32(0.03)), const(np.uint8(110)), b, const(np.float32(0.01)),
                                   const(np.int8(0)), const(np.float32(0.02)), const(np.uint8(128))])
        m.output(z, np.uint8)

    @case
    def mixed(m):  # a float operator between quantised ones
        x, _ = conv_block(m, np.int8)
        x = m.op("HardSigmoid", [x])
        m.output(m.fake(x, 0.01, -128))  # coarser than one unit before it

    return cases


def record(name, model, specs, rng, folder):
    options = onnxruntime.SessionOptions()
    # What the operators say, not what a fused kernel makes of them.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    runs = []
    for _ in range(RUNS):
        inputs = []
        for _, shape, dtype in specs:
            inputs.append(rng.standard_normal(shape).astype(np.float32) if dtype == np.float32
                          else rng.integers(0, 256, shape).astype(np.uint8).view(dtype))
        outputs = session.run(None, {spec[0]: value for spec, value in zip(specs, inputs)})
        runs.append((inputs, outputs))
    data = b"MOTEVEC1" + struct.pack("<III", len(runs), len(runs[0][0]), len(runs[0][1]))
    for value in (*runs[0][0], *runs[0][1]):
        data += struct.pack(f"<II{value.ndim}I", TYPE_CODES[value.dtype], value.ndim, *value.shape)
    for inputs, outputs in runs:
        data += b"".join(np.ascontiguousarray(v).tobytes() for v in (*inputs, *outputs))
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    (folder / f"{name}.runs").write_bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--fresh", type=pathlib.Path)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32) if arguments.fresh else 1
    folder = arguments.fresh or COMMITTED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print("seed", seed)
    for kind, cases in (("float", float_cases()), ("quantized", quantized_cases())):
        for name, make in cases.items():
            rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
            m = Model(rng)
            make(m)
            model = m.build()
            record(f"{kind}_{name}", model, m.inputs, rng, folder)
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("onnx", "onnxruntime"))
    (folder / "PROVENANCE").write_text(f"generator  tools/vectors/onnx/generate.py --seed {seed}\n"
                                       f"oracle     onnxruntime without graph optimisations; wheels {versions}\n")


if __name__ == "__main__":
    main()
