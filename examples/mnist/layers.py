"""The layers of the two digit models, in numpy, forwards and backwards.

Between image layers an activation is float32 [C, B, H, W]: channels first,
then the B images of the batch. With that order a convolution is one matrix
product over the whole batch. Flatten turns it into [B, features], with the
features in ONNX's order (channel, row, column).

Every layer has a `name` (its ONNX node's name), `forward(x)`, which also keeps
what `backward` needs, and `backward(grad)`, which takes the loss's gradient
with respect to the layer's output and returns that with respect to its input.
Layers with weights keep them in `params` ("weight", "bias") in ONNX's layout,
and `backward` leaves their gradients in `grads` under the same keys.
"""

import numpy as np


def he_normal(rng: np.random.Generator, shape: tuple, fan_in: int) -> np.ndarray:
    """float32 weights of variance 2 / fan_in, which suits Relu layers."""
    return rng.standard_normal(shape, np.float32) * np.float32(np.sqrt(2 / fan_in))


class Conv3x3:
    """3x3 convolution, stride 1, zero padding 1: [I,B,H,W] -> [O,B,H,W].

    The weight is [O, I, 3, 3], the bias [O]. `first` marks a layer that sees
    the image itself, whose input gradient nobody needs.
    """

    def __init__(self, name, rng, inputs, outputs, first=False):
        self.name, self.first = name, first
        self.params = {
            "weight": he_normal(rng, (outputs, inputs, 3, 3), 9 * inputs),
            "bias": np.zeros(outputs, np.float32),
        }
        self.grads = {}

    def forward(self, x):
        channels, batch, height, width = self.shape = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        # im2col: for each of the 9 taps, the input as that tap sees it.
        columns = np.empty((channels, 3, 3, batch, height, width), np.float32)
        for row in range(3):
            for col in range(3):
                columns[:, row, col] = padded[
                    :, :, row : row + height, col : col + width
                ]
        self.columns = columns.reshape(channels * 9, -1)
        weight = self.params["weight"].reshape(-1, channels * 9)
        out = weight @ self.columns + self.params["bias"][:, None]
        return out.reshape(-1, batch, height, width)

    def backward(self, grad):
        channels, batch, height, width = self.shape
        weight = self.params["weight"]
        grad = grad.reshape(len(weight), -1)
        self.grads["weight"] = (grad @ self.columns.T).reshape(weight.shape)
        self.grads["bias"] = grad.sum(axis=1)
        if self.first:
            return None
        columns = weight.reshape(len(weight), -1).T @ grad
        columns = columns.reshape(channels, 3, 3, batch, height, width)
        padded = np.zeros((channels, batch, height + 2, width + 2), np.float32)
        for row in range(3):
            for col in range(3):
                padded[:, :, row : row + height, col : col + width] += columns[
                    :, row, col
                ]
        return padded[:, :, 1:-1, 1:-1]


class Relu:
    """max(x, 0), element by element."""

    params: dict = {}

    def __init__(self, name):
        self.name = name

    def forward(self, x):
        self.positive = x > 0
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * self.positive


class MaxPool2x2:
    """The largest of each 2x2 block: [C,B,H,W] -> [C,B,H/2,W/2], even H and W."""

    params: dict = {}

    def __init__(self, name):
        self.name = name

    def forward(self, x):
        corners = [x[:, :, row::2, col::2] for row in (0, 1) for col in (0, 1)]
        out = np.maximum(
            np.maximum(corners[0], corners[1]), np.maximum(corners[2], corners[3])
        )
        # Where corners tie, the gradient goes to the first of them alone.
        self.winners, taken = [], np.zeros(out.shape, bool)
        for corner in corners:
            wins = (corner == out) & ~taken
            taken |= wins
            self.winners.append(wins)
        return out

    def backward(self, grad):
        channels, batch, height, width = grad.shape
        out = np.empty((channels, batch, 2 * height, 2 * width), np.float32)
        for corner, wins in enumerate(self.winners):
            out[:, :, corner // 2 :: 2, corner % 2 :: 2] = grad * wins
        return out


class Flatten:
    """[C,B,H,W] -> [B, C*H*W]."""

    params: dict = {}

    def __init__(self, name):
        self.name = name

    def forward(self, x):
        self.shape = x.shape
        return x.swapaxes(0, 1).reshape(x.shape[1], -1)

    def backward(self, grad):
        channels, batch, height, width = self.shape
        return grad.reshape(batch, channels, height, width).swapaxes(0, 1)


class Gemm:
    """Fully connected: [B, I] -> [B, O], as x @ weight.T + bias, weight [O, I]."""

    def __init__(self, name, rng, inputs, outputs):
        self.name = name
        self.params = {
            "weight": he_normal(rng, (outputs, inputs), inputs),
            "bias": np.zeros(outputs, np.float32),
        }
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, grad):
        self.grads["weight"] = grad.T @ self.x
        self.grads["bias"] = grad.sum(axis=0)
        return grad @ self.params["weight"]
