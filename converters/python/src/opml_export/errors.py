"""What goes wrong, and whose fault it is."""

import importlib
import re
from types import ModuleType

_COLOUR = re.compile("\x1b\\[[0-9;]*m")


class ExportError(Exception):
    """Something failed. `help`, when not empty, says what to do. Exit code 1."""

    exit_code = 1

    def __init__(self, message: str, help: str = ""):
        super().__init__(message)
        self.help = help


class UserError(ExportError):
    """What was asked for cannot be done as asked: a file, a name or a package is missing. Exit code 2."""

    exit_code = 2


def need(module: str, packages: str) -> ModuleType:
    """The module, imported only now. When it is absent, a UserError names the `pip install` of `packages`."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise ExportError(f"{module} cannot be imported: {error}") from error
        raise UserError(f"the Python package {module} is not installed", f"pip install {packages}") from error
    except ImportError as error:
        raise ExportError(f"{module} cannot be imported: {error}") from error


def one_line(error: BaseException, most: int = 400) -> str:
    """An error of a framework, shortened: what it was caused by first, its type and the beginning of what it says."""
    while error.__cause__:
        error = error.__cause__
    text = " ".join(_COLOUR.sub("", str(error)).split())
    return f"{type(error).__name__}: {text[:most]}{'…' if len(text) > most else ''}"
