#!/usr/bin/env python3
"""Check the hand-written gradients and the export, on random weights.

Every layer is linear, or linear piece by piece, in its input and in its
weights. So for any R, with out = forward(x):

    sum(R * out)  =  sum of gradient * weight over the weights,
    sum(R * out)  =  sum(backward(R) * x)   where the bias is zero,

exactly but for rounding, which needs no small step to test.
"""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnxruntime

from export import export
from layers import Conv3x3, Flatten, Gemm, MaxPool2x2, Relu
from train import RECIPES, forward

RNG = np.random.default_rng(7)


def noise(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape, np.float32)


class Gradients(unittest.TestCase):
    CASES = [
        (Conv3x3("conv", RNG, 2, 3), (2, 4, 6, 6)),
        (Relu("relu"), (2, 4, 6, 6)),
        (MaxPool2x2("pool"), (2, 4, 6, 6)),
        (Flatten("flatten"), (2, 4, 6, 6)),
        (Gemm("fc", RNG, 12, 5), (4, 12)),
    ]

    def test_input_gradient(self):
        for layer, shape in self.CASES:
            with self.subTest(layer=layer.name):
                if layer.params:
                    layer.params["bias"][:] = 0
                x = noise(*shape)
                out = layer.forward(x)
                weights = noise(*out.shape)
                through = (layer.backward(weights) * x).sum()
                self.assertAlmostEqual((weights * out).sum(), through, delta=1e-3)

    def test_weight_gradient(self):
        for layer, shape in self.CASES:
            if not layer.params:
                continue
            with self.subTest(layer=layer.name):
                layer.params["bias"][:] = noise(*layer.params["bias"].shape)
                out = layer.forward(noise(*shape))
                weights = noise(*out.shape)
                layer.backward(weights)
                through = sum((layer.grads[k] * v).sum() for k, v in layer.params.items())
                self.assertAlmostEqual((weights * out).sum(), through, delta=1e-3)

    def test_a_tie_sends_its_gradient_to_one_pixel(self):
        pool = MaxPool2x2("pool")
        pool.forward(np.zeros((1, 1, 2, 2), np.float32))
        grad = pool.backward(np.ones((1, 1, 1, 1), np.float32))
        self.assertEqual(grad.tolist(), [[[[1, 0], [0, 0]]]])


class Export(unittest.TestCase):
    def test_onnxruntime_agrees_with_numpy(self):
        image = RNG.integers(0, 256, (1, 28, 28), np.uint8)
        for name, recipe in RECIPES.items():
            with self.subTest(model=name), tempfile.TemporaryDirectory() as folder:
                layers, path = recipe.build(RNG), Path(folder) / "model.onnx"
                export(name, layers, path)
                session = onnxruntime.InferenceSession(path)
                x = image[None].astype(np.float32) / np.float32(255)
                (found,) = session.run(["logits"], {"image": x})
                np.testing.assert_allclose(found, forward(layers, image), atol=1e-4)


if __name__ == "__main__":
    unittest.main()
