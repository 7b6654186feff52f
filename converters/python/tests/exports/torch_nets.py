"""The PyTorch networks whose exports lie here. Weights come from a seed; nothing was trained."""

import torch
from torch import nn


def mlp() -> nn.Module:
    """Dense layers with layer norm, GELU and softmax."""
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Linear(24, 48), nn.LayerNorm(48), nn.GELU(),
        nn.Linear(48, 32), nn.LayerNorm(32), nn.GELU(),
        nn.Linear(32, 10), nn.Softmax(dim=-1),
    )  # fmt: skip


def conv() -> nn.Module:
    """Convolutions, strided, depthwise and plain, with batch norm of made-up statistics, and average pools."""
    torch.manual_seed(2)
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.BatchNorm2d(8), nn.SiLU(), nn.AvgPool2d(2),
        nn.Conv2d(8, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(16, 7),
    )  # fmt: skip
    for layer in net:
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, std=0.3)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, std=0.2)
    return net
