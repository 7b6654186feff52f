"""Makes a labelled set for the PP-OCR classifier: lines of text, half of them upside down.

    python orientation.py      # runs/orientation.npy, runs/orientation-labels.npy, runs/orientation-calibration.npy
    opml-run evaluate ppocr-classifier-int8.yaml --images runs/orientation.npy --labels runs/orientation-labels.npy
"""

import random
import string
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

HEIGHT, WIDTH = 48, 192
RUNS = Path(__file__).parent / "runs"


def line(choice):
    """A line of words on a background, as the classifier takes it: [3, height, width] from -1 to 1."""
    size = choice.uniform(20, 34)
    words = "".join(choice.choice(string.ascii_letters + string.digits + "  ") for _ in range(choice.randint(6, 16)))
    paper, ink = choice.randint(150, 255), choice.randint(0, 100)
    picture = Image.new("L", (WIDTH, HEIGHT), paper)
    place = (choice.uniform(2, 10), choice.uniform(2, HEIGHT - size - 4))
    ImageDraw.Draw(picture).text(place, words, ink, font=ImageFont.load_default(size))
    pixels = np.array(picture, np.float32) + np.random.default_rng(choice.randrange(1 << 30)).normal(0, 8, (HEIGHT, WIDTH))
    return np.broadcast_to(np.clip(pixels, 0, 255) / 127.5 - 1, (3, HEIGHT, WIDTH)).astype(np.float32)


def lines(count, seed):
    """Lines and whether each is upside down."""
    choice = random.Random(seed)
    labels = np.array([choice.randint(0, 1) for _ in range(count)])
    return np.stack([line(choice)[:, ::-1, ::-1] if label else line(choice) for label in labels]), labels


def main():
    RUNS.mkdir(exist_ok=True)
    inputs, labels = lines(1000, 1)
    np.save(RUNS / "orientation.npy", inputs)
    np.save(RUNS / "orientation-labels.npy", labels)
    np.save(RUNS / "orientation-calibration.npy", lines(32, 2)[0])


if __name__ == "__main__":
    main()
