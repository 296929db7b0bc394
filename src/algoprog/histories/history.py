"""The history of one track: an opening level, the gains over it, and the window they fell in.

``gain = log2(reference / cost)`` bits, where the reference is the previous record timed under the
conditions of this one: a re-timing moves the level that later records are compared with and is no
gain. On a track whose cost is fixed and whose score falls, ``gain = reference - score``.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DAYS_PER_YEAR = 365.25
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Track:
    """One task with one target.

    measure            what falls: ``cost`` or ``score``
    hardware_fixed     whether every entry runs on the same machine
    observed_until     the day until which the source was watched
    competition_began  the day on which others could compete; None: on the opening day
    """

    name: str
    title: str
    measure: str
    unit: str
    hardware_fixed: bool
    observed_until: datetime.date
    competition_began: datetime.date | None = None


@dataclass(frozen=True)
class Entry:
    """A dated claim to have reached the target, or the same code timed anew.

    reference is the cost of the previous record timed like this entry, None where it is the level
    itself; value is the measure (None where the entry does not have it).
    """

    name: str
    published: datetime.date
    value: float | None
    reference: float | None = None
    retiming: bool = False
    day_known: bool = True
    label: str = ""
    category: str = ""
    categories: tuple[str, ...] = ()
    framework_upgrade: bool = False


@dataclass(frozen=True)
class Step:
    """A record: its gain over the reference, and the level it left behind."""

    entry: Entry
    gain: float
    reference: float
    level: float


@dataclass(frozen=True)
class History:
    """Gains of one measure of a track within the window from `opened` to `until`.

    relative  whether gains are bits (log2 of a ratio); else they are in the measure's unit
    opening   the level the window starts from
    """

    track: Track
    measure: str
    opened: datetime.date
    until: datetime.date
    opening: Entry
    steps: tuple[Step, ...]
    relative: bool = True

    @cached_property
    def gains(self) -> Array:
        """Gains (n,), in bits or in the measure's unit."""
        return np.array([step.gain for step in self.steps], dtype=float)

    @cached_property
    def days(self) -> Array:
        """Days from the opening of the window to each record (n,)."""
        return np.array(
            [(step.entry.published - self.opened).days for step in self.steps], dtype=float
        )

    @property
    def window_days(self) -> int:
        """Length of the window in days."""
        return (self.until - self.opened).days

    @property
    def years(self) -> float:
        """Length of the window in years of 365.25 days."""
        return self.window_days / DAYS_PER_YEAR

    @property
    def total(self) -> float:
        """Sum of the gains."""
        return math.fsum(self.gains)

    @property
    def effective_number(self) -> float:
        """Number of equal innovations that say as much of the rate: (sum g)^2 / sum g^2."""
        squares = math.fsum(self.gains**2)
        return self.total**2 / squares if squares else 0.0

    @property
    def days_known(self) -> bool:
        """Whether the opening and every record are dated to the day."""
        entries = (self.opening, *(step.entry for step in self.steps))
        return all(entry.day_known for entry in entries)

    @property
    def ends_on_record(self) -> bool:
        """Whether the source was watched until its last record and no longer."""
        return bool(self.steps) and self.steps[-1].entry.published >= self.until

    def without_last(self) -> History:
        """Return the history without its last gain, as a window that ends on a record asks for."""
        return replace(self, steps=self.steps[:-1])

    def after(self, day: datetime.date) -> History:
        """Return the history that opens when `day` is over, at the level reached by then."""
        before = [step for step in self.steps if step.entry.published <= day]
        opening = before[-1].entry if before else self.opening
        kept = self.steps[len(before) :]
        return replace(self, opened=day + DAY, opening=opening, steps=kept)

    def without_first(self) -> History:
        """Return the history that opens with its first record (when that record's day is over)."""
        first = self.steps[0].entry
        return replace(self, opened=first.published + DAY, opening=first, steps=self.steps[1:])

    def to_last_record(self) -> History:
        """Return the history with a window that ends on the day of its last record."""
        return replace(self, until=self.steps[-1].entry.published)

    def last_days(self, days: int) -> History:
        """Return the last `days` days of the history; all of it where the window is shorter."""
        start = self.until - datetime.timedelta(days=days)
        if start < self.opened:
            return self
        before = [step for step in self.steps if step.entry.published <= start]
        opening = before[-1].entry if before else self.opening
        return replace(self, opened=start, opening=opening, steps=self.steps[len(before) :])

    def without(self, dropped: Sequence[bool]) -> History:
        """Return the history without the gains marked in `dropped` (n,)."""
        kept = zip(self.steps, dropped, strict=True)
        return replace(self, steps=tuple(step for step, drop in kept if not drop))


def running_minimum(entries: Sequence[Entry], relative: bool) -> tuple[Entry, list[Step]]:
    """Return the opening entry and the records of `entries`, which are in order.

    The entries marked ``baseline`` on the first day count as one, the best of them. Entries
    without a value are passed over. A re-timing sets the level under its conditions; a record that
    names its reference is compared with that.
    """
    known = [entry for entry in entries if entry.value is not None]
    first = known[0].published
    opening = [e for e in known if e.published == first and e.category == "baseline"]
    opening = opening or known[:1]
    start = min(opening, key=_value)
    level, steps = _value(start), []
    for entry in known:
        if entry in opening:
            continue
        value = _value(entry)
        if entry.retiming:
            level = value
            continue
        reference = level if entry.reference is None else entry.reference
        if value < reference:
            gain = math.log2(reference / value) if relative else reference - value
            steps.append(Step(entry, gain, reference, value))
            level = value
    return start, steps


def history(track: Track, entries: Sequence[Entry], measure: str) -> History:
    """Return the history of a track's entries (in order), over the window it was watched.

    `entries` hold the values of `measure`. The window opens on the day of the first baseline and
    ends on the day until which the source was watched, not on the last record.
    """
    relative = measure != "score"
    opening, steps = running_minimum(entries, relative)
    return History(
        track=track,
        measure=measure,
        opened=opening.published,
        until=track.observed_until,
        opening=opening,
        steps=tuple(steps),
        relative=relative,
    )


def _value(entry: Entry) -> float:
    assert entry.value is not None
    return entry.value
