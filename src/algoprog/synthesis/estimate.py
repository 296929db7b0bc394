"""An estimate of a pace: growth with its interval, and the doubling times they mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from algoprog.synthesis.units import months


@dataclass(frozen=True)
class Pace:
    """Growth per year with the ends of its interval; NaN where there is none.

    The doubling time is 12 ln2 / g. It falls with growth, so the ends change places, and it is
    infinite where growth is not positive.
    """

    growth: float
    low: float = math.nan
    high: float = math.nan
    level: float = math.nan

    @property
    def determined(self) -> bool | None:
        """Whether the interval leaves out an infinite doubling time; None without an interval."""
        return None if math.isnan(self.low) else self.low > 0

    @property
    def columns(self) -> dict[str, float | bool | None]:
        """The columns of the table `estimates` that say it."""
        return {
            "months": months(self.growth),
            "low": months(self.high),
            "high": months(self.low),
            "level": self.level,
            "growth": self.growth,
            "growth_low": self.low,
            "growth_high": self.high,
            "determined": self.determined,
        }


@dataclass(frozen=True)
class Estimate:
    """An estimate, whose it is, and what it is of. Codes are of `estimates.words`.

    Attributes
    ----------
    status : of a published one: ``read``, ``rate_second_hand`` or ``second_hand``; ``computed`` of
        ours.
    coverage : least and largest simulated coverage of its interval; empty where none is known.
    """

    id: str
    whose: str
    label: str
    domain: str
    scope: str
    quantity: str
    setting: str
    definition: str
    pace: Pace
    status: str
    source: str = ""
    year: int | None = None
    reference: str = ""
    period_from: date | None = None
    period_to: date | None = None
    stated: str = ""
    method: str = ""
    note: str = ""
    coverage: tuple[float, ...] = ()

    @property
    def row(self) -> dict[str, Any]:
        """Return the row of the table `estimates`."""
        named = {
            name: value
            for name, value in vars(self).items()
            if name not in ("pace", "coverage", "status")
        }
        return {
            **{name: value if value != "" else None for name, value in named.items()},
            **self.pace.columns,
            "coverage": min(self.coverage, default=None),
            "coverage_highest": max(self.coverage, default=None),
            "status": self.status,
            "verified": self.status in ("read", "computed"),
        }
