"""PyTorch: modules, exported programs and TorchScript to ONNX."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ExportError, UserError, need, one_line
from .exported import Exported, flatten, input_names
from .quiet import quiet

PACKAGES = "torch onnx onnxscript"


def load(kind: str, source: str) -> Any:
    """The module, program or script that `source` names."""
    torch = need("torch", PACKAGES)
    if kind == "module":
        return _call(source)
    try:
        with quiet():
            return torch.export.load(source) if kind == "pt2" else torch.jit.load(source, map_location="cpu")
    except Exception as error:
        what = "an exported program" if kind == "pt2" else "a TorchScript file"
        hint = "a file of torch.save holds weights, not a program; name the code instead: package.module:callable"
        raise UserError(f"{source} cannot be read as {what}: {one_line(error)}", hint) from error


def _call(source: str) -> Any:
    """Imports `package.module`, also from the current folder, and calls what stands behind the colon."""
    torch = need("torch", PACKAGES)
    module_name, _, path = source.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if not error.name or not f"{module_name}.".startswith(f"{error.name}."):
            hint = "install what is missing, or run where it is installed"
            raise ExportError(f"{module_name} cannot be imported: {error}", hint) from error
        raise UserError(f"there is no Python module {module_name}", "run in its folder or set PYTHONPATH") from error
    except Exception as error:
        raise ExportError(f"{module_name} cannot be imported: {one_line(error)}") from error
    for attribute in path.split("."):
        if not hasattr(found, attribute):
            raise UserError(f"the module {module_name} has no `{path}`")
        found = getattr(found, attribute)
    if not isinstance(found, torch.nn.Module):
        if not callable(found):
            raise UserError(f"{source} cannot be called; it is a {type(found).__name__}")
        try:
            found = found()
        except Exception as error:
            raise ExportError(f"{source}() failed: {one_line(error)}") from error
    if not isinstance(found, torch.nn.Module):
        raise UserError(f"{source} gives a {type(found).__name__}, not a torch.nn.Module")
    return found


def export(model: Any, sample: list[np.ndarray], onnx_file: Path) -> Exported:
    """Runs the model on the sample and writes it as ONNX. A module is switched to evaluation (`eval()`) first."""
    torch = need("torch", PACKAGES)
    for package in ("onnx", "onnxscript"):
        need(package, PACKAGES)
    program = isinstance(model, torch.export.ExportedProgram)
    run = model.module() if program else model.eval()
    args = tuple(torch.from_numpy(array.copy()) for array in sample)
    try:
        with torch.no_grad(), quiet():
            result = run(*(arg.clone() for arg in args))
    except Exception as error:
        shapes = ", ".join(f"{array.dtype}{list(array.shape)}" for array in sample)
        raise UserError(f"the model cannot run on the sample ({shapes}): {one_line(error)}") from error
    outputs = {name: _numpy(tensor) for name, tensor in flatten(result, torch.is_tensor).items()}
    if not outputs:
        raise ExportError("the model returns no tensor")
    names = input_names(len(args))
    how = _write(model, args, onnx_file, names, list(outputs), fallback=not program)
    return _named(onnx_file, dict(zip(names, sample)), outputs, how)


def _write(model: Any, args: tuple, onnx_file: Path, inputs: list[str], outputs: list[str], fallback: bool) -> str:
    """Tries the exporter over torch.export first, then the one over TorchScript; says which one it was."""
    import torch

    script = isinstance(model, torch.jit.ScriptModule)
    ways = [(True, {"external_data": False})] * (not script) + [(False, {})] * fallback
    failures = []
    for dynamo, options in ways:
        how = f"torch {torch.__version__}, {'torch.export' if dynamo else 'TorchScript'}"
        try:
            with torch.no_grad(), quiet():
                torch.onnx.export(
                    model, args, str(onnx_file), input_names=inputs, output_names=outputs, dynamo=dynamo, **options
                )
            return how
        except Exception as error:
            failures.append(f"{how}: {one_line(error)}")
    raise ExportError("the model cannot be exported to ONNX:\n  " + "\n  ".join(failures))


def _named(onnx_file: Path, inputs: dict[str, np.ndarray], outputs: dict[str, np.ndarray], how: str) -> Exported:
    """What was written, without notes on where in the source each node comes from, which hold this machine's paths.

    Inputs that the model does not use may be gone from the graph; outputs may have kept other names.
    """
    import onnx

    model = onnx.load(str(onnx_file), load_external_data=False)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *model.functions):
        part.ClearField("metadata_props")
    onnx_file.write_bytes(model.SerializeToString())
    written = [output.name for output in graph.output]
    if len(written) != len(outputs):
        raise ExportError(f"the model returns {len(outputs)} tensors, its ONNX graph {len(written)}: {written}")
    weights = {weight.name for weight in graph.initializer}
    taken = [port.name for port in graph.input if port.name not in weights]
    if unknown := [name for name in taken if name not in inputs]:
        raise ExportError(f"the ONNX graph has inputs that no sample is for: {', '.join(unknown)}")
    return Exported(onnx_file, {name: inputs[name] for name in taken}, dict(zip(written, outputs.values())), how)


def _numpy(tensor: Any) -> np.ndarray:
    import torch

    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
