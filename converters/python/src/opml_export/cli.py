"""The command line."""

import argparse
import sys
from importlib import metadata

from .compare import ATOL, RTOL
from .errors import ExportError, UserError
from .pipeline import export
from .sample import from_shape, read_npy
from .source import kind_of

ABOUT = """\
Makes an OPML model file of a PyTorch, Keras or TensorFlow model and checks it: the model is exported to ONNX,
converted by `opml-run convert`, run by `opml-run` on a sample input, and its output compared with the framework's own.

SOURCE is one of
  package.module:callable   a callable that returns a torch.nn.Module; the current folder is searched as well
  FILE.pt2                  a program of torch.export.save
  FILE.pt                   TorchScript, of torch.jit.save
  FILE.keras                a Keras model
  FOLDER                    a SavedModel; its inputs are taken in the order of their names
  FILE.tflite               a TensorFlow Lite model
"""

EXAMPLES = """\
Beside the model file NAME.opml lie NAME.input.npy, the sample, and NAME.output.npy, the framework's own output.

Exit codes: 0 the outputs agree, 2 a mistake in what was asked, 1 anything else.

Examples:
  opml-export my_package.nets:classifier --shape 1,3,32,32 --output classifier.opml
  opml-export digits.keras --input digit.npy --keep-onnx && opml-run digits.yaml
  opml-export encoder.pt2 --shape 1,16:int64 --shape 1,16:bool --output-name logits
"""


def parser() -> argparse.ArgumentParser:
    """What can be asked for."""
    made = argparse.ArgumentParser(
        prog="opml-export", description=ABOUT, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = made.add_argument
    add("source", metavar="SOURCE", help="the model, see above")
    add(
        "--input", metavar="FILE.npy", dest="sample", action="append", default=[],
        type=lambda text: ("file", text),
        help="a sample input; once for each of the model's inputs, in their order",
    )  # fmt: skip
    add(
        "--shape", metavar="DIMS[:TYPE]", dest="sample", action="append",
        type=lambda text: ("shape", text),
        help="or: make the sample, normally distributed; integers are 0 to 9. TYPE is float32 unless given",
    )  # fmt: skip
    add("--seed", type=int, default=0, help="seed of samples that are made (default: 0)")
    add("--output", "-o", metavar="FILE.opml", help="the model file (default: the source's name, in this folder)")
    add("--output-name", metavar="NAME", help="which output counts, when there are several (default: the first)")
    add("--keep-onnx", action="store_true", help="keep the ONNX file and the spec beside the model file, to play with")
    add("--no-check", action="store_true", help="convert only, for samples that are too large to be posted")
    add("--opml-run", metavar="PATH", help="the program (default: $OPML_RUN, or opml-run on the PATH)")
    add("--rtol", type=float, default=RTOL, help="allowed difference, relative to the output (default: %(default)g)")
    add("--atol", type=float, default=ATOL, help="and absolute (default: %(default)g)")
    add("--quiet", "-q", action="store_true", help="print nothing but errors")
    add("--version", action="version", version=_version())
    return made


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; gives its exit code."""
    given = parser().parse_args(arguments)
    say = (lambda line: None) if given.quiet else (lambda line: print(line, flush=True))
    try:
        kind_of(given.source)
        if given.seed < 0:
            raise UserError(f"the seed {given.seed} is negative")
        sample = [
            read_npy(text) if kind == "file" else from_shape(text, given.seed, place)
            for place, (kind, text) in enumerate(given.sample)
        ]
        result = export(
            given.source, sample, given.output, output_name=given.output_name, opml_run=given.opml_run,
            keep_onnx=given.keep_onnx, no_check=given.no_check, rtol=given.rtol, atol=given.atol, say=say,
        )  # fmt: skip
    except ExportError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.help:
            print(f"  help: {error.help}", file=sys.stderr)
        return error.exit_code
    except (OSError, KeyboardInterrupt) as error:
        print(f"error: {error or 'interrupted'}", file=sys.stderr)
        return 1
    say(f"checked    {result.comparison or 'no, as was asked'}")
    say(f"wrote      {', '.join(str(path) for path in result.files)}")
    return 0


def _version() -> str:
    try:
        return f"opml-export {metadata.version('opml-export')}"
    except metadata.PackageNotFoundError:
        return "opml-export (not installed)"
