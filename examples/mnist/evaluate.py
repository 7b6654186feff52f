#!/usr/bin/env python3
"""Measure the exported models with onnxruntime on the 10,000 test images."""

from pathlib import Path

import numpy as np
import onnxruntime

import idx

HERE = Path(__file__).resolve().parent
MODELS = ("mlp", "cnn")


def logits(name: str, images: np.ndarray) -> np.ndarray:
    """onnxruntime's outputs of <name>.onnx, float32 [N, 10].

    `images` is uint8 [N, 28, 28]; each goes in by itself, as float32
    [1, 1, 28, 28] of pixel / 255, for the models' batch is fixed at 1.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        HERE / f"{name}.onnx", options, providers=["CPUExecutionProvider"]
    )
    inputs = images.astype(np.float32).reshape(-1, 1, 1, 28, 28) / np.float32(255)
    return np.concatenate([session.run(["logits"], {"image": x})[0] for x in inputs])


def main() -> None:
    images, labels = idx.load("t10k")
    for name in MODELS:
        right = int((logits(name, images).argmax(axis=1) == labels).sum())
        print(f"{name}: {right} of {len(labels)} right, {right / len(labels):.2%}")


if __name__ == "__main__":
    main()
