"""Runs real models end to end: convert, run natively, compare with onnxruntime, plant a fault, let the contracts judge.

    python run.py [--table FILE] [MODEL …]

Needs `opml-run` (OPML_RUN, else the project's own build), and the packages of requirements.txt.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageDraw, ImageFont

from fetch import fetch, models, path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
OPML_RUN = os.environ.get("OPML_RUN", str(ROOT / "target/debug/opml-run"))
WORK = HERE / "runs"


def written(shape):
    """A white picture that says something, [1, channels, height, width]."""
    _, channels, height, width = shape
    picture = Image.new("L", (width, height), 255)
    size = min(height * 0.7, width / 6)
    font = ImageFont.load_default(size)
    ImageDraw.Draw(picture).text((8, (height - size) / 2.5), "OPML 2026", 0, font=font)
    return np.broadcast_to(np.array(picture, np.int64), (1, channels, height, width)).copy()


def sample(kind, shape, pixels, random):
    """An input of a kind: what it is as real numbers."""
    if kind == "bytes":
        return random.integers(0, 257, shape).astype(np.int32)
    if kind == "tokens":
        return random.integers(1000, 20000, shape)
    if kind in ("ones", "zeros"):
        return np.full(shape, int(kind == "ones"), np.int64)
    if kind == "normal":
        return (random.standard_normal(shape) * 0.5).astype(np.float32)
    picture = written(shape) if kind == "text" else random.integers(0, 256, shape)
    if kind == "letterbox":
        picture[:, :, 180:, :] = 0
    return ((picture - pixels.get("zero_point", 0)) * np.float32(pixels["scale"])).astype(np.float32)


def expected(entry, output):
    """onnxruntime's output in the form that the model's has."""
    form = entry.get("form", {})
    if "argmax" in form:
        return output.argmax(form["argmax"])
    if "scale" in form:
        return np.round(output / form["scale"]) * form["scale"]
    return output


def reference(entry, inputs):
    """The first output by onnxruntime on one thread, its name, and the seconds of a run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path(entry)), options, providers=["CPUExecutionProvider"])
    name = session.get_outputs()[0].name
    feed = inputs | {key: np.array(value, np.int64) for key, value in entry.get("values", {}).items()}
    output = session.run([name], feed)[0]
    started = time.perf_counter()
    runs = 5
    for _ in range(runs):
        session.run([name], feed)
    return output, name, (time.perf_counter() - started) / runs


def spec(entry, inputs, output, parties):
    """A spec of the model over inputs that are saved beside it."""
    files = []
    for number, (name, value) in enumerate(inputs.items()):
        np.save(WORK / f"{entry['name']}.{number}.npy", value)
        files.append(f"{entry['name']}.{number}.npy")
    pixels = {name: entry["pixels"] for name, (kind, _) in entry["inputs"].items() if kind in ("pixels", "letterbox", "text")}
    return {
        "version": 1,
        "name": entry["name"],
        "plugins": ["onnx", "dnn", "mips"],
        "model": {
            "converter": "onnx",
            "source": str(path(entry).resolve()),
            "shapes": {name: shape for name, (_, shape) in entry["inputs"].items()},
            "values": entry.get("values", {}),
            "inputs": pixels,
            "outputs": {output: entry["form"]} if "form" in entry else [output],
        },
        "input": files if len(files) > 1 else files[0],
        "stages": [{"graph": {"backend": "native", "threads": 1}}, {"instruction": {"vm": "mips"}}],
        "chain": "embedded",
        "parties": parties,
    }


def play(entry, document, kind):
    """The report of a run, or what the program says."""
    file, report = WORK / f"{entry['name']}.{kind}.yaml", WORK / f"{entry['name']}.{kind}.json"
    file.write_text(json.dumps(document))
    done = subprocess.run([OPML_RUN, file.name, "--quiet", "--report", report.name], cwd=WORK, capture_output=True, text=True)
    return (json.loads(report.read_text()), "") if done.returncode == 0 else (None, done.stderr.strip())


def run(entry):
    """One model's row."""
    random = np.random.default_rng(1)
    inputs = {name: sample(kind, shape, entry.get("pixels", {}), random) for name, (kind, shape) in entry["inputs"].items()}
    output, name, seconds = reference(entry, inputs)
    honest, problem = play(entry, spec(entry, inputs, name, {"proposer": "honest", "challenger": "none"}), "honest")
    if honest is None:
        sys.exit(f"{entry['name']}: {problem}")
    wanted, given = expected(entry, output).reshape(-1), np.array(honest["output"]["values"])
    difference = np.abs(given - wanted).max()
    greatest = np.abs(wanted).max()
    scale = entry.get("form", {}).get("scale", 0)
    assert difference <= max(1e-4 * max(greatest, 1.0), 1.01 * scale), f"{entry['name']}: {difference} from onnxruntime"
    nodes = honest["model"]["nodes"]
    # A fault that later work masks is refused; then another node's is planted.
    for node in [nodes // 2, nodes // 3, nodes - 2, nodes - 1]:
        lies = {"lies": {"at": [{"graph": node}], "part": "output", "byte": 3}}
        disputed, problem = play(entry, spec(entry, inputs, name, {"proposer": lies, "challenger": "honest"}), "disputed")
        if disputed is not None:
            break
        assert "masked" in problem or "decided in the graph stage" in problem or "bytes" in problem, f"{entry['name']}: {problem}"
    dispute = disputed["dispute"]
    assert dispute["verdict"] == "challenger", dispute["verdict"]
    return {
        "model": entry["name"],
        "what": entry["what"],
        "nodes": f"{nodes:,}",
        "parameters": f"{honest['model']['parameters']:,}",
        "difference": f"{difference:.1e} of {greatest:.2g}",
        "native s": f"{honest['native']['seconds']:.3f}",
        "onnxruntime s": f"{seconds:.4f}",
        "machine steps": f"{honest['vm']['steps']:.2e}" if honest["vm"] else "-",
        "fault at": f"node {node}",
        "rounds": dispute["rounds"],
        "gas": f"{dispute['gas_total']:,}",
        "dispute s": f"{dispute['seconds_total']:.1f}",
    }


def table(rows):
    """The rows as Markdown."""
    heads = list(rows[0])
    lines = [heads, ["---"] * len(heads), *([str(row[head]) for head in heads] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("models", nargs="*")
    parser.add_argument("--table", help="write the rows to this Markdown file, below its last heading")
    arguments = parser.parse_args()
    entries = models(arguments.models)
    fetch(entries)
    WORK.mkdir(exist_ok=True)
    rows = []
    for entry in entries:
        rows.append(run(entry))
        print(json.dumps(rows[-1]), flush=True)
    if arguments.table:
        file = Path(arguments.table)
        text = file.read_text().split("\n| model")[0]
        file.write_text(f"{text}\n{table(rows)}")


if __name__ == "__main__":
    main()
