"""Writes examples/tiny_conv: an int8 model that tells the direction of stripes, and what TFLM computes for four images.

The weights are made by hand, not trained: edge filters in eight directions, a blur, a vote per class. So the model is
small, free of any licence but ours, and its answers can be checked by eye.
Needs the wheels tflite-micro, numpy and flatbuffers: the venv that the set-up script makes.
"""

import pathlib
import sys

import flatbuffers
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools" / "vectors"))
from vectors import TYPES, Tensor, constant, options, runtime, schema  # noqa: E402

OUT = ROOT / "examples" / "tiny_conv"
SIZE = 16
CLASSES = ["vertical", "horizontal", "rising", "falling"]


def build(operators, model_input, model_output):
    """operators: (TFLite's name, options or None, inputs, outputs), tensors by name: {name: Tensor}."""
    buffers, tensors, ids, codes = [schema.BufferT()], [], {}, []

    def tensor_id(name, tensor):
        if name in ids:
            return ids[name]
        t = schema.TensorT()
        t.name, t.type, t.shape, t.buffer = name, TYPES[tensor.type][0], [int(d) for d in tensor.shape], 0
        if tensor.data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(tensor.data.tobytes(), dtype=np.uint8)
            buffers.append(buffer)
            t.buffer = len(buffers) - 1
        if tensor.scale is not None:
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = [float(s) for s in np.atleast_1d(tensor.scale)]
            t.quantization.zeroPoint = [int(tensor.zero_point)] * len(t.quantization.scale)
            t.quantization.quantizedDimension = tensor.axis
        tensors.append(t)
        ids[name] = len(tensors) - 1
        return ids[name]

    subgraph = schema.SubGraphT()
    subgraph.operators = []
    for op, table, inputs, outputs in operators:
        builtin = getattr(schema.BuiltinOperator, op)
        if builtin not in [c.builtinCode for c in codes]:
            code = schema.OperatorCodeT()
            code.builtinCode, code.deprecatedBuiltinCode, code.version = builtin, min(builtin, 127), 1
            codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = [c.builtinCode for c in codes].index(builtin)
        operator.inputs = [tensor_id(*item) for item in inputs.items()]
        operator.outputs = [tensor_id(*item) for item in outputs.items()]
        if table is not None:
            operator.builtinOptions = table
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(table).__name__[:-1])
        subgraph.operators.append(operator)
    subgraph.tensors, subgraph.inputs, subgraph.outputs = tensors, [ids[model_input]], [ids[model_output]]
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, codes, [subgraph], buffers
    model.description = "tiny_conv: direction of stripes; synthetic, made by hand"
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def tiny_conv():
    # Edge filters: bright on one side, dark on the other, in eight directions; pairs of opposites are one class.
    vertical = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])  # answers to vertical stripes
    rising = np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]])  # answers to stripes like /
    falling = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])  # answers to stripes like \
    edges = np.stack([s * f for f in (vertical, vertical.T, rising, falling) for s in (1, -1)]) * 30
    votes = np.full((4, 8), -20)
    for c in range(4):
        votes[c, 2 * c : 2 * c + 2] = 60

    act = lambda shape, scale, zero: Tensor("s8", shape, scale, zero)
    image = {"image": act((1, SIZE, SIZE, 1), 1 / 255, -128)}
    edge_map = {"edges": act((1, 8, 8, 8), 4 / 255, -128)}
    blurred = {"blurred": act((1, 8, 8, 8), 4 / 255, -128)}
    pooled = {"pooled": act((1, 1, 1, 8), 4 / 255, -128)}
    flat = {"flat": act((1, 8), 4 / 255, -128)}
    logits = {"logits": act((1, 4), 0.05, 0)}
    scores = {"scores": act((1, 4), 1 / 256, -128)}
    conv = {
        "edge_filters": constant("s8", edges.reshape(8, 3, 3, 1), [1 / 60] * 8, 0, 0),
        "edge_bias": constant("s32", np.zeros(8), [1 / 60 / 255] * 8),
    }
    blur = {
        "blur_filter": constant("s8", np.full((1, 3, 3, 8), 127), [1 / 9 / 127] * 8, 0, 3),
        "blur_bias": constant("s32", np.zeros(8), [4 / 255 / 9 / 127] * 8),
    }
    dense = {
        "votes": constant("s8", votes, 1 / 20),
        "vote_bias": constant("s32", np.zeros(4), 4 / 255 / 20),
    }
    valid, same, relu = 1, 0, 1
    return build(
        [
            ("CONV_2D", options("Conv2DOptions", padding=same, strideH=2, strideW=2, dilationHFactor=1, dilationWFactor=1,
                                fusedActivationFunction=relu), image | conv, edge_map),
            ("DEPTHWISE_CONV_2D", options("DepthwiseConv2DOptions", padding=same, strideH=1, strideW=1, depthMultiplier=1,
                                          dilationHFactor=1, dilationWFactor=1), edge_map | blur, blurred),
            ("AVERAGE_POOL_2D", options("Pool2DOptions", padding=valid, strideH=8, strideW=8, filterHeight=8, filterWidth=8),
             blurred, pooled),
            ("RESHAPE", options("ReshapeOptions", newShape=[1, 8]), pooled | {"flat_shape": constant("s32", [1, 8])}, flat),
            ("FULLY_CONNECTED", options("FullyConnectedOptions"), flat | dense, logits),
            ("SOFTMAX", options("SoftmaxOptions", beta=1.0), logits, scores),
        ],
        "image",
        "scores",
    )


def stripes(name):
    """An image of stripes, four pixels wide, as the model's int8 input."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    phase = {"vertical": x, "horizontal": y, "rising": x + y, "falling": x - y}[name]
    return np.where(phase // 4 % 2 == 0, 127, -128).astype(np.int8).reshape(1, SIZE, SIZE, 1)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    model = tiny_conv()
    (OUT / "tiny_conv.tflite").write_bytes(model)
    (OUT / "tiny_conv.labels.txt").write_text("\n".join(CLASSES) + "\n")
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 16)
    images, answers = [], []
    for label, name in enumerate(CLASSES):
        image = stripes(name)
        interpreter.set_input(image, 0)
        interpreter.invoke()
        scores = np.array(interpreter.get_output(0))
        if int(np.argmax(scores)) != label:
            raise SystemExit(f"{name} stripes are taken for {CLASSES[int(np.argmax(scores))]}: {scores}")
        print(f"{name:10} {scores.tolist()}")
        images.append(image)
        answers.append(scores)
    np.save(OUT / "stripes.npy", np.concatenate(images))
    np.save(OUT / "expected.npy", np.concatenate(answers))
    print(f"{len(model)} bytes of model")


if __name__ == "__main__":
    main()
