"""Write a trained list of layers as an ONNX file.

The file's model takes one image, float32 [1, 1, 28, 28] named "image", each
pixel in 0..1 (pixel / 255), and gives float32 [1, 10] named "logits", one
score per digit: the largest is the answer. The batch is fixed at 1, so every
tensor's shape is known from the file alone.
"""

from pathlib import Path

import onnx
from onnx import TensorProto, checker, helper, numpy_helper, shape_inference

from layers import Conv3x3, Flatten, Gemm, MaxPool2x2, Relu

# Old enough to be read by other runtimes, new enough for every node used here.
OPSET = 13
IR_VERSION = 8

# Layer class -> (ONNX operator, its attributes).
NODES = {
    Conv3x3: ("Conv", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 1]}),
    Relu: ("Relu", {}),
    MaxPool2x2: ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
    Flatten: ("Flatten", {"axis": 1}),
    Gemm: ("Gemm", {"transB": 1}),
}


def export(model_name: str, layers: list, path: Path) -> None:
    """Write `layers`, run in order, to `path`; the same layers give the same bytes.

    A layer "conv1" becomes the node "conv1", with the initializers
    "conv1_weight" and "conv1_bias" and the output "conv1_out"; the last
    layer's output is "logits".
    """
    nodes, weights, tensor = [], [], "image"
    for layer in layers:
        operator, attributes = NODES[type(layer)]
        inputs = [tensor]
        for key, value in layer.params.items():
            inputs.append(f"{layer.name}_{key}")
            weights.append(numpy_helper.from_array(value, inputs[-1]))
        tensor = "logits" if layer is layers[-1] else f"{layer.name}_out"
        nodes.append(
            helper.make_node(operator, inputs, [tensor], name=layer.name, **attributes)
        )
    graph = helper.make_graph(
        nodes,
        model_name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 28, 28])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 10])],
        weights,
    )
    model = helper.make_model(
        graph,
        producer_name="opml-mnist",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    model = shape_inference.infer_shapes(model, strict_mode=True)
    checker.check_model(model, full_check=True)
    onnx.save(model, path)
