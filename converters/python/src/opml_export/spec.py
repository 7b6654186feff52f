"""The spec that `opml-run` converts and plays."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path


def plain_name(text: str) -> str:
    """`text` as a spec's name: every other character than letters, digits, `-`, `_` and `.` becomes `_`."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() or letter in "-_." else "_" for letter in text)
    return plain.strip("._") or "model"


def spec_text(name: str, source: str, shapes: Mapping[str, Sequence[int]], output: str, inputs: Sequence[str]) -> str:
    """A spec of an honest play: nobody challenges. Paths are relative to the spec; JSON's texts are YAML's."""
    quoted = json.dumps
    dims = ", ".join(f"{quoted(port)}: {quoted(list(shape))}" for port, shape in shapes.items())
    value = quoted(inputs[0]) if len(inputs) == 1 else quoted(list(inputs))
    return f"""\
# Written by opml-export.
version: 1
name: {quoted(plain_name(name))}
plugins: [onnx, dnn, mips]
model:
  converter: onnx
  source: {quoted(source)}
  shapes: {{ {dims} }}
  outputs: [{quoted(output)}]
input: {value}
stages:
  - graph: {{ backend: native, threads: auto }}
  - instruction: {{ vm: mips }}
chain: embedded
parties: {{ proposer: honest, challenger: none }}
"""


def write_spec(path: Path, *arguments, **named) -> Path:
    """Writes `spec_text` of these arguments."""
    path.write_text(spec_text(*arguments, **named), encoding="utf-8")
    return path
