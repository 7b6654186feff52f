#!/usr/bin/env python3
"""Write golden/: the first 100 test images and what onnxruntime makes of them.

    images.npy  uint8 [100, 1, 28, 28]   pixels, 0 black to 255 white
    labels.npy  uint8 [100]              the digit each image shows
    mlp.npy     float32 [100, 10]        logits of mlp.onnx at pixel / 255
    cnn.npy     float32 [100, 10]        logits of cnn.onnx at pixel / 255

With --check nothing is written: the models run again on the stored images,
and each logit must lie within TOLERANCE of the stored one. That needs no
fetched data.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

import idx
from evaluate import MODELS, logits

GOLDEN = Path(__file__).resolve().parent / "golden"
COUNT = 100

# Largest difference of a logit, absolute: room for another processor's order
# of summing, far below what changes an answer.
TOLERANCE = 1e-4


def write() -> None:
    images, labels = idx.load("t10k")
    GOLDEN.mkdir(exist_ok=True)
    np.save(GOLDEN / "images.npy", images[:COUNT, None])
    np.save(GOLDEN / "labels.npy", labels[:COUNT])
    for name in MODELS:
        np.save(GOLDEN / f"{name}.npy", logits(name, images[:COUNT]))
    print(f"wrote {GOLDEN}")


def check() -> bool:
    """Whether both models still give the stored logits; says so for each."""
    images, good = np.load(GOLDEN / "images.npy"), True
    for name in MODELS:
        stored = np.load(GOLDEN / f"{name}.npy")
        worst = float(np.abs(logits(name, images[:, 0]) - stored).max())
        good &= worst <= TOLERANCE
        print(f"{name}: largest difference {worst:.3g}, allowed {TOLERANCE:g}")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    if not parser.parse_args().check:
        write()
    elif not check():
        sys.exit("golden.py: the models do not give the stored logits")


if __name__ == "__main__":
    main()
