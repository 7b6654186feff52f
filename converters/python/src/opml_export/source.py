"""Which framework a source belongs to, and the call of its exporter."""

from pathlib import Path
from typing import Any

import numpy as np

from .errors import UserError
from .exported import Exported
from .spec import plain_name

KINDS = "package.module:callable, .pt2, .pt (TorchScript), .keras, .tflite, or a SavedModel folder"


def export_onnx(source: Any, sample: list[np.ndarray], onnx_file: Path) -> Exported:
    """Writes `source` as an ONNX file and runs it on the sample. A source is a path, a name, or a live model."""
    if not isinstance(source, (str, Path)):
        return _live(source, sample, onnx_file)
    kind = kind_of(str(source))
    if kind in ("module", "pt2", "torchscript"):
        from . import torch_models

        return torch_models.export(torch_models.load(kind, str(source)), sample, onnx_file)
    from . import tensorflow_models, tflite

    if kind == "tflite":
        return tflite.export(Path(source), sample, onnx_file)
    return tensorflow_models.export(tensorflow_models.load(kind, Path(source)), sample, onnx_file)


def kind_of(source: str) -> str:
    """`module`, `pt2`, `torchscript`, `keras`, `savedmodel` or `tflite`; a UserError for what is none of them."""
    path = Path(source)
    if path.is_dir():
        if (path / "saved_model.pb").is_file():
            return "savedmodel"
        raise UserError(f"the folder {source} is not a SavedModel: it has no saved_model.pb")
    by_suffix = {
        ".pt2": "pt2",
        ".pt": "torchscript",
        ".pth": "torchscript",
        ".ts": "torchscript",
        ".keras": "keras",
        ".h5": "keras",
        ".tflite": "tflite",
    }
    kind = by_suffix.get(path.suffix.lower())
    if kind and path.is_file():
        return kind
    if not kind and not path.exists() and ":" in source:
        return "module"
    if not path.exists():
        raise UserError(f"there is no file {source}", f"a source is one of: {KINDS}")
    raise UserError(f"{source} is of no known kind", f"a source is one of: {KINDS}")


def name_of(source: Any) -> str:
    """A name for the model's files."""
    if not isinstance(source, (str, Path)):
        return plain_name(type(source).__name__)
    path = Path(source)
    return plain_name(path.resolve().stem if path.exists() else str(source).rpartition(":")[2])


def _live(model: Any, sample: list[np.ndarray], onnx_file: Path) -> Exported:
    roots = {kind.__module__.partition(".")[0] for kind in type(model).__mro__}
    if "torch" in roots:
        from . import torch_models

        return torch_models.export(model, sample, onnx_file)
    if roots & {"keras", "tensorflow"}:
        from . import tensorflow_models

        return tensorflow_models.export(tensorflow_models.from_live(model), sample, onnx_file)
    raise UserError(f"{type(model).__name__} is no model of a known framework", f"a source is one of: {KINDS}")
