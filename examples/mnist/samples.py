#!/usr/bin/env python3
"""Write the sample images of this lesson: calibration.npy and digits/.

calibration.npy is uint8 [200, 1, 28, 28]: 20 training images of each digit,
drawn with a fixed seed and laid out 0, 1, .. 9, 0, 1, .. 9, so that any
leading multiple of 10 is balanced too. A quantiser measures its ranges on it.

digits/ holds PNG files, 28x28, 8-bit grey, white on black: the first three
test images of each digit, named <label>-test<index>.png, and seven.png, the
very first test image. Nobody picked them for being easy.
"""

from pathlib import Path

import numpy as np
from PIL import Image

import idx

HERE = Path(__file__).resolve().parent
DIGITS = HERE / "digits"
PER_DIGIT_CALIBRATION = 20
PER_DIGIT_PNG = 3
SEVEN = 0  # index in the test set
SEED = 1


def write_calibration() -> None:
    images, labels = idx.load("train")
    rng = np.random.default_rng(SEED)
    chosen = [
        rng.choice(np.flatnonzero(labels == digit), PER_DIGIT_CALIBRATION, replace=False)
        for digit in range(10)
    ]
    np.save(HERE / "calibration.npy", images[np.stack(chosen, axis=1).ravel(), None])


def write_digits() -> None:
    images, labels = idx.load("t10k")
    DIGITS.mkdir(exist_ok=True)
    for digit in range(10):
        for index in np.flatnonzero(labels == digit)[:PER_DIGIT_PNG]:
            Image.fromarray(images[index]).save(DIGITS / f"{digit}-test{index:04}.png")
    Image.fromarray(images[SEVEN]).save(DIGITS.parent / "seven.png")


def main() -> None:
    write_calibration()
    write_digits()
    print(f"wrote {HERE / 'calibration.npy'} and {DIGITS}")


if __name__ == "__main__":
    main()
