"""All steps, from a framework's model to a checked model file."""

import filecmp
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .compare import ATOL, RTOL, Comparison, compare
from .errors import ExportError, UserError
from .opml_run import OpmlRun
from .sample import stored, usable
from .source import export_onnx, name_of
from .spec import write_spec


@dataclass(frozen=True)
class Files:
    """Where a model's files lie: all in one folder, beginning with its name."""

    folder: Path
    name: str

    def path(self, ending: str) -> Path:
        """The file with this ending: `opml`, `onnx`, `yaml`, `output.npy`."""
        return self.folder / f"{self.name}.{ending}"

    def inputs(self, count: int) -> list[Path]:
        """`NAME.input.npy`, or `NAME.input0.npy` … of several."""
        endings = ["input.npy"] if count == 1 else [f"input{index}.npy" for index in range(count)]
        return [self.path(ending) for ending in endings]


@dataclass(frozen=True)
class Result:
    """What was written, and how far the model file's output is from the framework's; None when it was not checked."""

    files: list[Path]
    comparison: Comparison | None


def convert(
    files: Files, inputs: Mapping[str, np.ndarray], output: str, expected: np.ndarray, program: OpmlRun
) -> str:
    """Converts `NAME.onnx` to `NAME.opml` and says what that is.

    Beside it lie `NAME.yaml`, `NAME.input.npy` and `NAME.output.npy`, the expected output, afterwards.
    """
    samples = files.inputs(len(inputs))
    for path, array in zip(samples, inputs.values()):
        np.save(path, stored(array))
    np.save(files.path("output.npy"), expected)
    shapes = {name: array.shape for name, array in inputs.items()}
    names = [path.name for path in samples]
    spec = write_spec(files.path("yaml"), files.name, files.path("onnx").name, shapes, output, names)
    return program.convert(spec, files.path("opml"))


def check(files: Files, expected: np.ndarray, program: OpmlRun, rtol: float = RTOL, atol: float = ATOL) -> Comparison:
    """Plays `NAME.yaml`, which `convert` wrote, and compares the output. The play must make the same model file."""
    again = files.path("check.opml")
    values = program.output(files.path("yaml"), again)
    if not filecmp.cmp(files.path("opml"), again, shallow=False):
        raise ExportError("opml-run made two different model files of the same spec")
    return compare(values, expected, rtol, atol)


def export(
    source: Any,
    sample: Sequence[np.ndarray],
    output: str | Path | None = None,
    *,
    output_name: str | None = None,
    opml_run: str | Path | None = None,
    keep_onnx: bool = False,
    no_check: bool = False,
    rtol: float = RTOL,
    atol: float = ATOL,
    say: Callable[[str], None] = lambda line: None,
) -> Result:
    """Exports `source`, converts it and checks the model file's output against the framework's own.

    `source` is what the command line takes, or a live torch.nn.Module, ExportedProgram or Keras model; `sample` has an
    array for each of its inputs. Beside `output` the sample and the framework's output are stored; with `keep_onnx`
    also the ONNX file and the spec. An output that differs raises an ExportError, after the files are in place; with
    `no_check` nothing is run. `say` is told each step.
    """
    output = Path(output or f"{name_of(source)}.opml")
    if output.suffix != ".opml" or not output.stem:
        raise UserError(f"the model file {output} must end in .opml")
    if not output.parent.is_dir():
        raise UserError(f"there is no folder {output.parent}")
    if not sample:
        raise UserError("there is no sample input", "give --input FILE.npy or --shape 1,3,32,32 for each input")
    sample = [usable(np.asarray(array), f"sample {place}") for place, array in enumerate(sample)]
    program = OpmlRun(opml_run)
    with tempfile.TemporaryDirectory(prefix=".opml-export-", dir=output.parent) as folder:
        work = Files(Path(folder), output.stem)
        exported = export_onnx(source, sample, work.path("onnx"))
        chosen, expected = exported.output(output_name)
        size = exported.onnx_file.stat().st_size / 1000
        say(f"exported   {exported.how}: {size:,.1f} kB of ONNX, output `{chosen}` {list(expected.shape)}")
        kept = [work.path(ending) for ending in ("onnx", "yaml") if keep_onnx]
        try:
            say(f"converted  {convert(work, exported.inputs, chosen, expected, program)}")
            comparison = None if no_check else check(work, expected, program, rtol, atol)
            kept = [work.path("opml"), *work.inputs(len(exported.inputs)), work.path("output.npy"), *kept]
        finally:
            placed = [_place(path, output.parent) for path in kept if path.is_file()]
    if comparison and not comparison.agrees:
        raise ExportError(f"the converted model does not give the framework's output: {comparison}")
    return Result(placed, comparison)


def _place(path: Path, folder: Path) -> Path:
    os.replace(path, folder / path.name)
    return folder / path.name
