#!/bin/sh
# Installs the ONNX project's node tests, as the PyPI package `onnx` ships them, for `cargo test -p opml-onnx --test node_tests`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../target}/python-onnx
python3 -m venv "$target"
"$target/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$here/requirements.txt"
