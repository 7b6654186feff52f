"""Read the MNIST IDX files that fetch.py puts into data/.

An IDX file is a header of big-endian 32-bit words, followed by one unsigned
byte per element: the magic word 0x0000080N, where N counts the dimensions,
then N sizes, the first of them the number of items.
"""

import struct
import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent / "data"


def read(path: Path) -> np.ndarray:
    """The array an IDX file of unsigned bytes holds, in the file's own shape."""
    raw = path.read_bytes()
    (magic,) = struct.unpack_from(">I", raw)
    if magic >> 8 != 0x08:
        raise ValueError(f"{path}: not an IDX file of unsigned bytes")
    dimensions = magic & 0xFF
    shape = struct.unpack_from(f">{dimensions}I", raw, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def load(split: str) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels of a split, "train" (60,000) or "t10k" (10,000).

    Images are uint8 [N, 28, 28]: 0 is the black ground, 255 full white ink.
    Labels are uint8 [N]: the digit, 0 to 9.
    """
    try:
        images = read(DATA / f"{split}-images.idx3-ubyte")
        labels = read(DATA / f"{split}-labels.idx1-ubyte")
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is missing: run fetch.py first")
    return images, labels
