"""TensorFlow Lite files to ONNX by tf2onnx."""

from pathlib import Path
from typing import Any

import numpy as np

from .errors import ExportError, UserError, one_line
from .exported import Exported, check_count
from .quiet import quiet
from .tensorflow_models import OPSET, named, tensorflow


def export(path: Path, sample: list[np.ndarray], onnx_file: Path) -> Exported:
    """Runs the file in the interpreter and writes it as ONNX. Outputs have the file's own names."""
    tf = tensorflow()
    import tf2onnx

    try:
        with quiet():
            interpreter = tf.lite.Interpreter(model_path=str(path))
    except Exception as error:
        raise UserError(f"{path} cannot be loaded: {one_line(error)}") from error
    ports = interpreter.get_input_details()
    check_count(len(sample), [port["name"] for port in ports])
    outputs = _run(interpreter, ports, sample)
    try:
        with quiet():
            model, _ = tf2onnx.convert.from_tflite(str(path), opset=OPSET, output_path=str(onnx_file))
    except Exception as error:
        raise ExportError(f"{path} cannot be exported to ONNX: {one_line(error)}") from error
    inputs = {port["name"]: array for port, array in zip(ports, sample)}
    return named(onnx_file, model, inputs, outputs, "TensorFlow Lite")


def _run(interpreter: Any, ports: list[dict], sample: list[np.ndarray]) -> dict[str, np.ndarray]:
    try:
        for port, array in zip(ports, sample):
            if list(port["shape"]) != list(array.shape):
                interpreter.resize_tensor_input(port["index"], array.shape, strict=True)
        interpreter.allocate_tensors()
        for port, array in zip(ports, sample):
            interpreter.set_tensor(port["index"], array)
        interpreter.invoke()
    except (ValueError, RuntimeError) as error:
        raise UserError(f"the model cannot run on the sample: {one_line(error)}") from error
    return {port["name"]: interpreter.get_tensor(port["index"]) for port in interpreter.get_output_details()}
