"""One replicate of a bootstrap, as estimators take it: which units were drawn.

It knows no estimator, so that jobs which only weigh rows need no compiled solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Resample:
    """One replicate of a bootstrap: which units were drawn, in which order.

    Attributes
    ----------
    replicate : its number.
    drawn : the units drawn (rows, or whole papers), with repeats.
    members : rows of each unit.
    papers : (n,) the paper of each row of the whole sample.
    by_paper : whether the units are papers, so that one drawn twice is two papers.
    """

    replicate: int
    drawn: Rows
    members: Sequence[Rows] = field(repr=False)
    papers: Rows = field(repr=False)
    by_paper: bool

    @property
    def rows(self) -> Rows:
        """Numbers of its rows, unit by unit."""
        return np.concatenate([self.members[unit] for unit in self.drawn])

    @property
    def labels(self) -> Rows:
        """The paper of each of ``rows``."""
        if not self.by_paper:
            return self.papers[self.rows]
        sizes = [len(self.members[unit]) for unit in self.drawn]
        return np.asarray(len(self.members) + np.repeat(np.arange(len(self.drawn)), sizes))

    @property
    def weights(self) -> Array:
        """How often each row (n,) of the whole sample is in it."""
        counts = np.bincount(self.drawn, minlength=len(self.members)).astype(float)
        return counts[self.papers] if self.by_paper else counts
