"""Makes a labelled set for magika from the files of this machine: `python filetypes.py FOLDER …`.

    python filetypes.py /usr /etc      # runs/filetypes.npy, runs/filetypes-labels.npy, runs/filetypes-calibration.npy
    opml-run evaluate magika-int8.yaml --images runs/filetypes.npy --labels runs/filetypes-labels.npy

A file's label is what its extension says. Features are magika's own: the first and the last 1,024 bytes without the space around them, 256 where there is none.
"""

import random
import sys
from pathlib import Path

import numpy as np

RUNS = Path(__file__).parent / "runs"
SIDE, NONE, BLOCK = 1024, 256, 4096
# Extensions, with the places of their types among the classes of standard_v3_3.
TYPES = {
    ".py": 143,  # python
    ".c": 17,  # c
    ".so": 46,  # elf
    ".json": 87,  # json
    ".html": 71,  # html
    ".xml": 206,  # xml
    ".png": 133,  # png
    ".gz": 64,  # gzip
    ".js": 83,  # javascript
    ".css": 31,  # css
    ".pl": 130,  # perl
    ".pyc": 144,  # pythonbytecode
    ".sh": 161,  # shell
    ".rs": 156,  # rust
    ".toml": 181,  # toml
    ".exe": 128,  # pebin
    ".md": 100,  # markdown
}
EACH = 40


def features(data):
    """The 2,048 numbers that magika looks at."""
    begin, end = data[:BLOCK].lstrip()[:SIDE], data[-BLOCK:].rstrip()[-SIDE:]
    row = np.full(2 * SIDE, NONE, np.float32)
    row[: len(begin)] = list(begin)
    if end:
        row[2 * SIDE - len(end) :] = list(end)
    return row


def collected(folders):
    """Some files of each type."""
    found = {extension: [] for extension in TYPES}
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            own = found.get(path.suffix)
            if own is not None and len(own) < 20 * EACH and path.is_file() and not path.is_symlink():
                own.append(path)
    choice = random.Random(1)
    return {extension: choice.sample(paths, min(EACH + 4, len(paths))) for extension, paths in found.items()}


def main():
    RUNS.mkdir(exist_ok=True)
    rows, labels, calibration = [], [], []
    for extension, paths in collected(sys.argv[1:] or ["/usr"]).items():
        data = [data for path in paths if len(data := path.read_bytes()) >= 512]
        calibration += [features(each) for each in data[:4]]
        rows += [features(each) for each in data[4:]]
        labels += [TYPES[extension]] * len(data[4:])
        print(f"{extension}: {len(data)} files")
    np.save(RUNS / "filetypes.npy", np.stack(rows))
    np.save(RUNS / "filetypes-labels.npy", np.array(labels))
    np.save(RUNS / "filetypes-calibration.npy", np.stack(calibration))


if __name__ == "__main__":
    main()
