#!/usr/bin/env python3
"""Train the two digit models on MNIST and write mlp.onnx and cnn.onnx.

Numpy alone does the training: Adam on the cross-entropy loss, with the step
size falling to zero along a cosine. The number of epochs is fixed beforehand
and the last weights are kept, so the test images choose nothing; they are
looked at once, at the end. `--holdout` is there for choosing settings: it
keeps training images aside and measures on those.

One seed gives one model on one machine. Another processor may round sums
differently and end with slightly different weights.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np

import idx
from export import export
from layers import Conv3x3, Flatten, Gemm, MaxPool2x2, Relu

HERE = Path(__file__).resolve().parent


def mlp(rng: np.random.Generator) -> list:
    """Two fully connected layers, 784 -> 32 -> 10: 25,450 weights."""
    return [
        Flatten("flatten"),
        Gemm("fc1", rng, 784, 32),
        Relu("relu1"),
        Gemm("fc2", rng, 32, 10),
    ]


def cnn(rng: np.random.Generator) -> list:
    """Two convolutions, each halved by pooling, then 784 -> 10: 9,098 weights."""
    return [
        Conv3x3("conv1", rng, 1, 8, first=True),
        Relu("relu1"),
        MaxPool2x2("pool1"),
        Conv3x3("conv2", rng, 8, 16),
        Relu("relu2"),
        MaxPool2x2("pool2"),
        Flatten("flatten"),
        Gemm("fc", rng, 784, 10),
    ]


@dataclass
class Recipe:
    """How one model is built and trained."""

    build: Callable  # a Generator -> the untrained layers
    epochs: int  # passes over the training images
    rate: float  # Adam's step size at the start
    shift: int  # each image is moved at random by up to this many pixels
    decay: float  # weight decay per step, as a share of the step size


RECIPES = {
    "mlp": Recipe(mlp, epochs=60, rate=3e-3, shift=1, decay=1e-2),
    "cnn": Recipe(cnn, epochs=10, rate=4e-3, shift=1, decay=1e-2),
}


class Adam:
    """Adam with decoupled weight decay, over every weight of `layers`."""

    def __init__(self, layers: list, decay: float):
        self.decay, self.steps = decay, 0
        self.slots = [
            (layer, key, np.zeros_like(value), np.zeros_like(value))
            for layer in layers
            for key, value in layer.params.items()
        ]

    def step(self, rate: float) -> None:
        """Move each weight by its gradient, at step size `rate`."""
        self.steps += 1
        unbias1, unbias2 = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        for layer, key, mean, square in self.slots:
            grad, value = layer.grads[key], layer.params[key]
            mean += 0.1 * (grad - mean)
            square += 0.001 * (grad * grad - square)
            if key == "weight":
                value *= 1 - rate * self.decay
            value -= rate * (mean / unbias1) / (np.sqrt(square / unbias2) + 1e-8)


def forward(layers: list, images: np.ndarray) -> np.ndarray:
    """The logits, float32 [B, 10], of images uint8 [B, 28, 28]."""
    x = images.astype(np.float32)[None] / np.float32(255)
    for layer in layers:
        x = layer.forward(x)
    return x


def learn(layers: list, images: np.ndarray, labels: np.ndarray) -> tuple[float, int]:
    """One pass forwards and backwards; leaves the gradients in the layers.

    Returns the batch's mean cross-entropy in nats and its number of right answers.
    """
    logits, rows = forward(layers, images), np.arange(len(labels))
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    loss = -np.log(shares[rows, labels] + 1e-12).mean()
    grad = shares
    grad[rows, labels] -= 1
    grad /= len(labels)
    for layer in reversed(layers):
        grad = layer.backward(grad)
    return float(loss), int((logits.argmax(axis=1) == labels).sum())


def accuracy(layers: list, images: np.ndarray, labels: np.ndarray) -> float:
    """The share, 0..1, of images whose largest logit is at their label."""
    right = 0
    for start in range(0, len(labels), 500):
        part = slice(start, start + 500)
        right += (forward(layers, images[part]).argmax(axis=1) == labels[part]).sum()
    return right / len(labels)


def train(name: str, images: np.ndarray, labels: np.ndarray, args) -> list:
    """Train the model `name` from scratch and return its layers."""
    recipe, rng = RECIPES[name], np.random.default_rng(args.seed)
    layers = recipe.build(rng)
    optimiser = Adam(layers, recipe.decay)
    epochs = args.epochs or recipe.epochs
    # windows[i, y, x] is image i, moved by (shift - y, shift - x) pixels.
    moves = 2 * recipe.shift + 1
    padded = np.pad(images, ((0, 0), (recipe.shift,) * 2, (recipe.shift,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (28, 28), axis=(1, 2))
    batches = len(labels) // args.batch
    for epoch in range(epochs):
        began, loss, right = time.monotonic(), 0.0, 0
        order = rng.permutation(len(labels))
        for batch in range(batches):
            chosen = order[batch * args.batch : (batch + 1) * args.batch]
            rows, cols = rng.integers(moves, size=(2, args.batch))
            now = learn(layers, windows[chosen, rows, cols], labels[chosen])
            loss, right = loss + now[0], right + now[1]
            done = (epoch + batch / batches) / epochs
            optimiser.step(recipe.rate * 0.5 * (1 + np.cos(np.pi * done)))
        print(
            f"{name} epoch {epoch + 1}/{epochs}: loss {loss / batches:.4f}, "
            f"{right / (batches * args.batch):.2%} right while training, "
            f"{time.monotonic() - began:.1f} s",
            flush=True,
        )
    return layers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("models", nargs="*", help="mlp, cnn; both when none is named")
    parser.add_argument("--seed", type=int, default=1, help="default 1")
    parser.add_argument("--batch", type=int, default=100, help="images a step")
    parser.add_argument("--epochs", type=int, help="passes; default: the model's own")
    parser.add_argument("--holdout", type=int, default=0, metavar="N",
                        help="measure on the last N training images, write no file")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the models")
    args = parser.parse_args()
    for name in set(args.models) - set(RECIPES):
        parser.error(f"no model {name!r}: choose from {', '.join(RECIPES)}")

    images, labels = idx.load("train")
    measured = "test"
    if args.holdout:
        measured, cut = "holdout", len(labels) - args.holdout
        (images, tests), (labels, answers) = np.split(images, [cut]), np.split(labels, [cut])
    else:
        tests, answers = idx.load("t10k")
    for name in args.models or RECIPES:
        layers = train(name, images, labels, args)
        print(f"{name}: {measured} accuracy {accuracy(layers, tests, answers):.2%}")
        if not args.holdout:
            path = args.out / f"{name}.onnx"
            export(name, layers, path)
            print(f"{name}: wrote {path}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
