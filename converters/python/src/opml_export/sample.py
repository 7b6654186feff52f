"""Sample inputs: read from files, or made from shapes and a seed."""

from pathlib import Path

import numpy as np

from .errors import UserError

# What a sample's file holds for `opml-run`, which reads float32, int32 and int64 as numbers but uint8 as pictures.
_STORED = {"float32": "float32", "int64": "int64", "uint32": "int64", "bool": "int32"}
_STORED |= {name: "int32" for name in ("int32", "int16", "uint16", "int8", "uint8")}


def read_npy(path: str | Path) -> np.ndarray:
    """The array of an `.npy` file; float64 and float16 become float32, which is what models compute in."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"there is no file {path}", "--input names an .npy file")
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise UserError(f"{path} cannot be read as an .npy file: {error}") from error
    if not isinstance(array, np.ndarray):
        raise UserError(f"{path} holds several arrays", "store each in an .npy file of its own")
    return usable(array, str(path))


def usable(array: np.ndarray, what: str) -> np.ndarray:
    """The array in row-major order and in a type that can be stored; a UserError when it is of another kind."""
    if array.dtype in (np.float64, np.float16):
        array = array.astype(np.float32)
    if array.dtype.name not in _STORED:
        known = ", ".join(_STORED)
        raise UserError(f"{what} has elements of type {array.dtype}", f"a sample may have: {known}, float64, float16")
    if array.size == 0:
        raise UserError(f"{what} has no elements: its shape is {list(array.shape)}")
    return np.array(array, order="C")


def from_shape(text: str, seed: int = 0, place: int = 0) -> np.ndarray:
    """A sample for `1,3,32,32` or `1,16:int64`, always the same for a seed and a place among the inputs.

    Floats are drawn from the standard normal distribution, integers from 0 to 9, booleans at even odds.
    """
    dims, _, kind = text.partition(":")
    kind = kind or "float32"
    wrong = UserError(f"`{text}` is not a shape", "write sizes and, unless it is float32, a type: 1,16:int64")
    try:
        shape = [int(dim) for dim in dims.replace("x", ",").split(",")]
    except ValueError:
        raise wrong from None
    if kind not in _STORED or any(dim < 1 for dim in shape):
        raise wrong
    generator = np.random.default_rng([seed, place])
    if kind == "float32":
        return generator.standard_normal(shape, dtype=np.float32)
    return generator.integers(0, 2 if kind == "bool" else 10, size=shape).astype(kind)


def stored(array: np.ndarray) -> np.ndarray:
    """The same numbers in a type that `opml-run` reads as numbers."""
    return array.astype(_STORED[array.dtype.name])
