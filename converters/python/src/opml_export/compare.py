"""The converted model's output against the framework's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RTOL = 1e-3
ATOL = 1e-5


@dataclass(frozen=True)
class Comparison:
    """How far two outputs are apart. `largest` is the largest absolute difference, at element `place`."""

    agrees: bool
    elements: int
    outside: int
    largest: float
    place: int
    rtol: float
    atol: float
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return self.problem
        allowed = f"allowed {self.atol:g} + {self.rtol:g} × |expected|"
        text = f"largest difference {self.largest:.3g} (element {self.place} of {self.elements}), {allowed}"
        return text if self.agrees else f"{text}; {self.outside} elements lie outside"


def compare(
    actual: Sequence[float | None], expected: np.ndarray, rtol: float = RTOL, atol: float = ATOL
) -> Comparison:
    """Whether |actual − expected| ≤ atol + rtol × |expected| for every element, in row-major order.

    `None` stands for a number that is not finite, as JSON has none; it agrees with any number that is not finite.
    """
    got = np.array([np.nan if value is None else value for value in actual], dtype=np.float64)
    want = np.asarray(expected, dtype=np.float64).ravel()
    if got.size != want.size:
        problem = f"the converted model gives {got.size} numbers, the framework {want.size}"
        return Comparison(False, want.size, want.size, np.inf, 0, rtol, atol, problem)
    finite = np.isfinite(want) & np.isfinite(got)
    both_not = ~np.isfinite(want) & ~np.isfinite(got)
    difference = np.where(both_not, 0.0, np.inf)
    difference[finite] = np.abs(got[finite] - want[finite])
    allowed = np.full(want.shape, atol)
    allowed[finite] += rtol * np.abs(want[finite])
    outside = int((difference > allowed).sum())
    place = int(difference.argmax()) if want.size else 0
    largest = float(difference[place]) if want.size else 0.0
    return Comparison(outside == 0, want.size, outside, largest, place, rtol, atol)
