"""What moved between two runs: the records and numbers that came, went or changed, and why.

A :class:`Snapshot` is what a run found. Two of them differ in records, in rows of the headline's
sample and in numbers; what else differs (configuration, other files, the program) is told only as
a cause. A number has moved where a reader would see another one: one that differs only beyond the
digits that are shown has not. Nothing is fitted here (:mod:`algoprog.synthesis.undone` does).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import polars as pl

from algoprog.common.numbers import months
from algoprog.common.rows import Plain
from algoprog.common.visible import visible, without_secrets

# What a record is told by. Where it stands in its source is no part of it: a row that is put in
# above moves all others.
NAMED = ("source", "system", "benchmark")
PLACED = ("row", "source_row")
VALUES = ("months", "low", "high")
HEADLINE = "headline_answers/headline/own_allocation/alike"
CLOSED_FORM = "headline_answers/definition/closed_form"
# A change of a number below this share of it is arithmetic, even where it turns the last digit.
NOISE = 1e-9
# Letters of a value of the configuration that are shown.
LONGEST = 60


@dataclass(frozen=True)
class Snapshot:
    """What a run found, as plain built-ins.

    Attributes
    ----------
    records : what an analysis uses of every evaluation.
    rows : the rows of the headline's sample.
    numbers : for each number of a headline's kind its ``label``, the table it is from, ``months``
        with ``low`` and ``high``, and ``growth`` where it is the headline's analysis.
    settings : the sections of the configuration that numbers rest on.
    files : checksums of the other files that numbers rest on, by path.
    program : checksum of the program.
    """

    records: list[dict[str, Any]] = field(repr=False)
    rows: list[dict[str, Any]] = field(repr=False)
    numbers: dict[str, dict[str, Any]]
    settings: dict[str, Any] = field(repr=False)
    files: dict[str, str]
    program: str

    @property
    def sample(self) -> str:
        """Return the first digits of a checksum of the sample's rows, wherever they stand."""
        contents = [
            {key: value for key, value in row.items() if key not in PLACED} for row in self.rows
        ]
        text = "\n".join(sorted(json.dumps(one, sort_keys=True) for one in contents))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def plain_rows(frame: pl.DataFrame, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return the rows of a frame as built-ins that JSON has: dates as text, no NaN."""
    chosen = frame if columns is None else frame.select(columns)
    texts = chosen.with_columns(pl.col(pl.Date).cast(pl.String))
    return [
        {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in row.items()
        }
        for row in texts.iter_rows(named=True)
    ]


@dataclass(frozen=True)
class Pair:
    """A record as two runs have it; None where one has it not."""

    before: Plain | None
    after: Plain | None

    @property
    def row(self) -> Plain:
        """The record as it is now, or as it was before it went."""
        found = self.after if self.after is not None else self.before
        assert found is not None
        return found

    @property
    def what(self) -> str:
        """Whether it ``came``, ``went`` or was ``edited``."""
        if self.before is None:
            return "came"
        return "went" if self.after is None else "edited"

    @property
    def name(self) -> str:
        """The record's system with its benchmark, as the table `influence` names it."""
        return f"{self.row['system']} ({self.row['benchmark'] or '–'})"

    @property
    def detail(self) -> str:
        """What was edited, from what to what."""
        before, after = self.before, self.after
        if before is None or after is None:
            return ""
        return ", ".join(
            f"{name} {_value(before[name])} → {_value(after[name])}"
            for name in after
            if name in before and name not in PLACED and before[name] != after[name]
        )

    def places(self) -> set[tuple[object, ...]]:
        """Return where it stands: before or after, source, entry and benchmark."""
        return {
            (when, row["source"], row["source_row"], row["benchmark"])
            for when, row in (("before", self.before), ("after", self.after))
            if row is not None
        }


def pairs(before: Sequence[Plain], after: Sequence[Plain]) -> Iterator[Pair]:
    """Yield what differs between two lists of records.

    Records are matched by source, system and benchmark, first those that are the same in all that
    both lists have, then the others in their order.
    """
    olds, news = _grouped(before), _grouped(after)
    for key in dict.fromkeys([*olds, *news]):
        left, right = list(olds.get(key, ())), list(news.get(key, ()))
        for old in tuple(left):
            same = next((i for i, new in enumerate(right) if _same(old, new)), None)
            if same is not None:
                left.remove(old)
                right.pop(same)
        yield from (Pair(old, new) for old, new in zip_longest(left, right))


def _grouped(rows: Sequence[Plain]) -> dict[tuple[object, ...], list[Plain]]:
    found: dict[tuple[object, ...], list[Plain]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in NAMED), []).append(row)
    return found


def _same(one: Plain, other: Plain) -> bool:
    return all(one[name] == other[name] for name in one if name in other and name not in PLACED)


@dataclass(frozen=True)
class Moved:
    """A number that came, went or moved: its id, and what it was and is."""

    id: str
    before: Plain | None
    after: Plain | None

    @property
    def what(self) -> str:
        """Whether it ``came``, ``went`` or ``moved``."""
        if self.before is None:
            return "came"
        return "went" if self.after is None else "moved"


def moved(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> list[Moved]:
    """Return the numbers that differ as a reader sees them, in their present order."""
    found = [Moved(name, before.get(name), after.get(name)) for name in {**after, **before}]
    return [
        one
        for one in found
        if one.before is None or one.after is None or _differs(one.before, one.after)
    ]


def _differs(before: Plain, after: Plain) -> bool:
    return any(
        months(before[name]) != months(after[name]) and not _noise(before[name], after[name])
        for name in VALUES
    )


def _noise(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return False
    return math.isclose(one, other, rel_tol=NOISE, abs_tol=0.0)


@dataclass(frozen=True)
class Difference:
    """All that differs between two runs.

    ``sample`` are rows of the headline's sample, ``records`` all records; one that came into the
    sample is in both unless it was there before and only left out.
    """

    records: list[Pair]
    sample: list[Pair]
    numbers: list[Moved]
    settings: list[tuple[str, str]]
    files: list[str]
    program: bool

    @property
    def worth_telling(self) -> bool:
        """Whether records, rows of the sample or numbers differ; the rest are only causes."""
        return bool(self.records or self.sample or self.numbers)

    @property
    def causes(self) -> list[str]:
        """What may have moved a number: records, configuration, files, program."""
        told = {
            "records": self.records,
            "configuration": self.settings,
            "files": self.files,
            "program": self.program,
        }
        return [name for name, there in told.items() if there]

    @property
    def only_records(self) -> list[Pair]:
        """The records that differ without a difference of the sample."""
        known = {place for pair in self.sample for place in pair.places()}
        return [pair for pair in self.records if not pair.places() & known]


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """Return what differs between two runs."""
    return Difference(
        records=list(pairs(before.records, after.records)),
        sample=list(pairs(before.rows, after.rows)),
        numbers=moved(before.numbers, after.numbers),
        settings=list(_settings(before.settings, after.settings)),
        files=sorted(
            path
            for path in {**before.files, **after.files}
            if before.files.get(path) != after.files.get(path)
        ),
        program=before.program != after.program,
    )


@dataclass(frozen=True)
class Answer:
    """Growth per year at the own allocation of the records, and in closed form.

    ``certified`` says whether the fit has its certificate; ``reason`` why there is no fit.
    """

    own: float | None = None
    closed_form: float | None = None
    certified: bool | None = None
    reason: str = ""


def _settings(before: Any, after: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each place of the configuration that says something else, with what it says."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {**before, **after}:
            inner = f"{place}.{key}" if place else str(key)
            yield from _settings(before.get(key), after.get(key), inner)
    elif before != after:
        yield place, f"{_value(before)} → {_value(after)}"


def _value(value: object) -> str:
    """A value as a line of text shows it: short, without secrets and control characters."""
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = visible(without_secrets(" ".join(text.split())), kept="")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
