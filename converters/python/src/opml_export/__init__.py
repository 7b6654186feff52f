"""From a framework's model to an OPML model file, checked against the framework's own output.

`export(model, sample, output)` does it all; `opml-export --help` describes the same thing for the command line.
"""

from .compare import Comparison, compare
from .errors import ExportError, UserError
from .pipeline import Result, export
from .sample import from_shape, read_npy

__all__ = [
    "Comparison",
    "ExportError",
    "Result",
    "UserError",
    "compare",
    "export",
    "from_shape",
    "read_npy",
]
