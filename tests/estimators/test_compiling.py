"""Functions of the inner loops count no references, which took two fifths of a descent."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.errors import TypingError

from algoprog.estimators.kernels.compiling import allocating, kernel


def numbers(n):  # type: ignore[no-untyped-def]
    return np.empty(n)


def test_a_kernel_that_makes_an_array_is_refused() -> None:
    with pytest.raises(TypingError, match="Only accept returning of array passed into the function"):
        kernel(numbers)(3)
    assert allocating(numbers)(3).shape == (3,)
