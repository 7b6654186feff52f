"""What every framework's exporter hands on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ExportError, UserError


@dataclass(frozen=True)
class Exported:
    """An ONNX file with the sample it was traced with and what the framework made of it.

    `inputs` are the graph's inputs by name in the graph's order, `outputs` its outputs by name, the first one first.
    `how` names the exporter in words.
    """

    onnx_file: Path
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]
    how: str

    def output(self, name: str | None) -> tuple[str, np.ndarray]:
        """The output of this name, or the first one; a UserError lists the names when there is none such."""
        if name is None:
            return next(iter(self.outputs.items()))
        if name not in self.outputs:
            raise UserError(f"the model has no output `{name}`", f"it has: {', '.join(self.outputs)}")
        return name, self.outputs[name]


def flatten(value: Any, is_tensor: Callable[[Any], bool], name: str = "output") -> dict[str, Any]:
    """The tensors of a model's result, by name, in order.

    A single tensor is `output`; those of a list or tuple are `output_0`, `output_1` …; those of a dict have its keys.
    What is inside another structure has that one's name, `_` and its own. None is left out.
    """
    if value is None:
        return {}
    if is_tensor(value):
        return {name: value}
    if isinstance(value, dict):
        prefix = "" if name == "output" else f"{name}_"
        parts = [(f"{prefix}{key}", part) for key, part in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [(f"{name}_{index}", part) for index, part in enumerate(value)]
        if len(parts) == 1:
            parts = [(name, value[0])]
    else:
        raise ExportError(
            f"the model returns a {type(value).__name__}, which is no tensor",
            "wrap the model so that it returns a tensor, or a tuple or dict of tensors",
        )
    flat: dict[str, Any] = {}
    for key, part in parts:
        for inner, tensor in flatten(part, is_tensor, key).items():
            if inner in flat:
                raise ExportError(f"two outputs of the model have the name `{inner}`")
            flat[inner] = tensor
    return flat


def input_names(count: int) -> list[str]:
    """`input` for one, `input_0`, `input_1` … for several."""
    return ["input"] if count == 1 else [f"input_{index}" for index in range(count)]


def check_count(given: int, names: list[str]) -> None:
    """A UserError unless as many samples are given as the model has inputs."""
    if given != len(names):
        raise UserError(
            f"the model takes {len(names)} inputs ({', '.join(names)}), given: {given}",
            "give --input or --shape once for each, in this order",
        )
