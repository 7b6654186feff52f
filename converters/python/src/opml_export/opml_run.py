"""Calls of the program `opml-run`."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from .errors import ExportError, UserError


class OpmlRun:
    """The program, at a path that exists."""

    def __init__(self, path: str | Path | None = None):
        """`path`, else $OPML_RUN, else `opml-run` on the PATH; a UserError when it is not there."""
        given = path or os.environ.get("OPML_RUN")
        found = shutil.which(str(given or "opml-run"))
        if not found:
            hint = "build it with `cargo build`, then give --opml-run target/debug/opml-run or set OPML_RUN"
            raise UserError(f"there is no program {given}" if given else "opml-run is not on the PATH", hint)
        self.path = Path(found).resolve()

    def convert(self, spec: Path, output: Path) -> str:
        """Writes the model file; gives the line that describes it."""
        return self._call("convert", spec.name, "-o", os.path.relpath(output, spec.parent), folder=spec.parent)

    def output(self, spec: Path, model_file: Path) -> list[float | None]:
        """Plays the spec and gives the posted output's numbers. The model file is written to `model_file`."""
        report = spec.with_suffix(".report.json")
        where = ["--report", str(report.resolve()), "--model-file", str(model_file.resolve())]
        self._call("--quiet", spec.name, *where, folder=spec.parent)
        return json.loads(report.read_text(encoding="utf-8"))["output"]["values"]

    def _call(self, *arguments: str, folder: Path) -> str:
        """What it prints, without blank ends. What it complains of becomes an ExportError."""
        command = [str(self.path), *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace")
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).removeprefix("error: ")
            large = "a sample travels in one transaction, some 400 kB at most: take a smaller one or --no-check"
            raise ExportError(f"opml-run failed ({done.returncode}): {said}", large if "gas limit" in said else "")
        return done.stdout.strip()
