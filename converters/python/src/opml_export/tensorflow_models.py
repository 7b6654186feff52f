"""Keras models and SavedModels to ONNX by tf2onnx."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ExportError, UserError, need, one_line
from .exported import Exported, check_count, flatten, input_names
from .quiet import quiet

PACKAGES = "tensorflow-cpu tf2onnx"
OPSET = 18


@dataclass(frozen=True)
class Callee:
    """A model as a function of tensors in order. `names` are its inputs', or None when it does not say."""

    call: Callable[..., Any]
    names: list[str] | None
    what: str


def tensorflow() -> Any:
    """TensorFlow, which is told to be silent; tf2onnx must be there as well."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    module = need("tensorflow", PACKAGES)
    module.get_logger().setLevel("ERROR")
    need("tf2onnx", PACKAGES)
    return module


def load(kind: str, path: Path) -> Callee:
    """The model of a `.keras` or `.h5` file, or the serving signature of a SavedModel."""
    tf = tensorflow()
    try:
        if kind == "keras":
            return from_live(tf.keras.models.load_model(path, compile=False))
        loaded = tf.saved_model.load(str(path))
    except Exception as error:
        raise UserError(f"{path} cannot be loaded: {one_line(error)}") from error
    signatures = loaded.signatures
    if not signatures:
        raise UserError(f"{path} has no signature", "save it with signatures=…, or by Keras' model.export")
    chosen = "serving_default" if "serving_default" in signatures else next(iter(signatures))
    signature = signatures[chosen]
    names = sorted(signature.structured_input_signature[1])
    # Held by the function: what was loaded owns the variables.
    return Callee(lambda *tensors, _owner=loaded: signature(**dict(zip(names, tensors))), names, f"signature {chosen}")


def from_live(model: Any) -> Callee:
    """A Keras model, called for inference."""
    tf = tensorflow()
    ports = getattr(model, "inputs", None)
    names = [port.name for port in ports] if ports else None
    try:
        structure = model.input  # what it is called with: a tensor, or a list or dict of them
    except (AttributeError, ValueError):
        structure = None

    def call(*tensors: Any) -> Any:
        arguments = tensors if structure is None else [tf.nest.pack_sequence_as(structure, tensors)]
        return model(*arguments, training=False)

    return Callee(call, names, f"Keras {type(model).__name__}")


def export(callee: Callee, sample: list[np.ndarray], onnx_file: Path) -> Exported:
    """Runs the model on the sample and writes it as ONNX, for the sample's shapes."""
    tf = tensorflow()
    import tf2onnx

    if callee.names is not None:
        check_count(len(sample), callee.names)
    names = input_names(len(sample))
    specs = [tf.TensorSpec(array.shape, array.dtype, name=name) for array, name in zip(sample, names)]

    def call(*tensors: Any) -> dict[str, Any]:
        return flatten(callee.call(*tensors), tf.is_tensor)

    try:
        outputs = {name: np.asarray(value) for name, value in call(*map(tf.constant, sample)).items()}
    except ExportError:
        raise
    except Exception as error:
        shapes = ", ".join(f"{array.dtype}{list(array.shape)}" for array in sample)
        raise UserError(f"the model cannot run on the sample ({shapes}): {one_line(error)}") from error
    try:
        with quiet():
            model, _ = tf2onnx.convert.from_function(
                tf.function(call), input_signature=specs, opset=OPSET, output_path=str(onnx_file)
            )
    except Exception as error:
        raise ExportError(f"the model cannot be exported to ONNX: {one_line(error)}") from error
    return named(onnx_file, model, dict(zip(names, sample)), outputs, callee.what)


def named(onnx_file: Path, model: Any, inputs: dict, outputs: dict, what: str) -> Exported:
    """What was written, with the graph's own order of inputs; a name that is missing there is an ExportError."""
    import tf2onnx

    taken = [port.name for port in model.graph.input]
    written = {port.name for port in model.graph.output}
    if missing := [name for name in taken if name not in inputs] + [name for name in outputs if name not in written]:
        raise ExportError(f"tf2onnx has changed names: {', '.join(missing)}")
    how = f"{what}, TensorFlow {tensorflow().__version__}, tf2onnx {tf2onnx.__version__}"
    return Exported(onnx_file, {name: inputs[name] for name in taken}, outputs, how)
