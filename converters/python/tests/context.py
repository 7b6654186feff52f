"""What all tests use: the package beside them, the exports, the program `opml-run`."""

import contextlib
import io
import os
import stat
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXPORTS = HERE / "exports"
sys.path.insert(0, str(HERE.parent / "src"))

from opml_export.cli import main  # noqa: E402
from opml_export.opml_run import OpmlRun  # noqa: E402


def opml_run() -> OpmlRun:
    """The program of $OPML_RUN or of the debug build; an AssertionError says how to get it."""
    path = Path(os.environ.get("OPML_RUN") or HERE.parents[2] / "target" / "debug" / "opml-run")
    if not path.is_file():
        raise AssertionError(f"there is no program {path}: run `cargo build` in the project's root, or set OPML_RUN")
    return OpmlRun(path)


def stand_in(folder: Path, script: str) -> Path:
    """A program in `folder` that runs these lines of shell in the place of opml-run."""
    path = folder / "opml-run"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def command(*arguments: str) -> tuple[int, str, str]:
    """The command line's exit code, and what it printed to stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as exit:
            code = exit.code
    return code, out.getvalue(), err.getvalue()
