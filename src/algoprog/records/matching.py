"""Each evaluation once, where several sources have it.

Nothing goes in silence: every record that goes, and every disagreement, is a row of a table.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.records.joining import shown
from algoprog.records.names import name_key
from algoprog.records.tables import CONFLICTS, DUPLICATES
from algoprog.tables.frames import frame_of

Row = Plain

COMPARED = ("perplexity", "parameters", "dataset_tokens", "published")


@dataclass(frozen=True)
class Matched:
    """Records, each evaluation once.

    Attributes
    ----------
    records : the records that stay, in the order given.
    superseded : the records that went, with source and row of the record that stayed
        (`kept_source`, `kept_row`).
    conflicts : the table of that name: a row for each field in which a record that went differs
        from the record that stayed by more than rounding; values as texts.
    duplicates : the table of that name: by pair of sources, how many records went that agree with
        the record that stayed, and how many that do not; a source with itself, if it repeats a
        record.
    """

    records: pl.DataFrame
    superseded: pl.DataFrame
    conflicts: pl.DataFrame
    duplicates: pl.DataFrame


@dataclass
class _Found:
    """What matching finds: records that go, with the source and row that stay, and differences.

    Attributes
    ----------
    gone : by position: source and row of the record that stays.
    counts : by pair of sources: records that agree, and records that do not.
    """

    gone: dict[int, tuple[str, int]] = dataclasses.field(default_factory=dict)
    conflicts: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    counts: dict[tuple[str, str], list[int]] = dataclasses.field(
        default_factory=lambda: defaultdict(lambda: [0, 0])
    )

    def repeated(self, position: int, stays: Row) -> None:
        """Note a record that its source has before."""
        self.gone[position] = (stays["source"], stays["source_row"])
        self.counts[stays["source"], stays["source"]][0] += 1

    def superseded(self, position: int, record: Row, kept: Sequence[Row]) -> None:
        """Note a record that another source's takes the place of: the nearest of those kept."""
        fewest, stays = min(
            ((_differences(row, record), row) for row in kept), key=lambda pair: len(pair[0])
        )
        self.gone[position] = (stays["source"], stays["source_row"])
        self.counts[stays["source"], record["source"]][bool(fewest)] += 1
        self.conflicts += fewest

    def matched(self, records: pl.DataFrame) -> Matched:
        """Return the tables."""
        stays = [position for position in range(records.height) if position not in self.gone]
        counted = [(*pair, *numbers) for pair, numbers in sorted(self.counts.items())]
        return Matched(
            records[stays] if self.gone else records,
            records[list(self.gone)].with_columns(
                pl.Series("kept_source", [source for source, _ in self.gone.values()], pl.String),
                pl.Series("kept_row", [row for _, row in self.gone.values()], pl.Int64),
            ),
            frame_of(CONFLICTS, self.conflicts),
            frame_of(DUPLICATES, counted),
        )


def match_sources(records: pl.DataFrame, precedence: Sequence[str]) -> Matched:
    """Return each system's evaluation on a benchmark from one source, and once.

    Records match if they have the same benchmark and the same system, by
    :func:`~algoprog.records.names.name_key`; those of the first source in `precedence` that has any
    stay, and those of the others go. That source may have the system several times; of records that
    are equal in every field but their entry, the first stays. Nothing of a record changes.

    Two values agree if rounding can explain the difference (:func:`agree`) or either is blank.

    Raises
    ------
    InputError
        if there are several sources and one is not in `precedence`.
    """
    _check_precedence(records, precedence)
    rank = {source: position for position, source in enumerate(precedence)}
    rows = records.select("source", "source_row", "system", "benchmark", *COMPARED).to_dicts()
    repeats = _repeats(records)
    found = _Found()
    for positions in _same_evaluation(rows).values():
        first = min((rows[p]["source"] for p in positions), key=lambda name: rank.get(name, 0))
        kept = [rows[p] for p in positions if rows[p]["source"] == first and p not in repeats]
        for position in positions:
            if rows[position]["source"] != first:
                found.superseded(position, rows[position], kept)
            elif position in repeats:
                found.repeated(position, rows[repeats[position]])
    return found.matched(records)


def _check_precedence(records: pl.DataFrame, precedence: Sequence[str]) -> None:
    sources = records["source"].unique(maintain_order=True).to_list()
    for source in sources if len(sources) > 1 else []:
        if source not in precedence:
            fix = f"name every source, the first to count first: {', '.join(sources)}"
            raise InputError("configuration", "precedence", f"{source} missing", fix)


def _same_evaluation(rows: Sequence[Row]) -> dict[Any, list[int]]:
    """Positions of the records of each system on each benchmark."""
    groups: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        if row["system"] is not None:
            groups[name_key(row["system"]), row["benchmark"]].append(position)
    return groups


def _repeats(records: pl.DataFrame) -> dict[int, int]:
    """Of each evaluation that its source has before, the same in every field: where that is."""
    fields = pl.struct(name for name in records.columns if name != "source_row")
    numbered = records.with_row_index("position").with_columns(
        first=pl.col("position").min().over(fields)
    )
    again = pl.col("system").is_not_null() & pl.col("benchmark").is_not_null()
    found = numbered.filter(again, pl.col("first") != pl.col("position"))
    return dict(found.select("position", "first").iter_rows())


def agree(field: str, first: Any, other: Any) -> bool:
    """Return whether two values of a field may be one value, rounded.

    Numbers agree if they differ by no more than half a unit of the last digit of the shorter one.
    A number's digits are those of its shortest decimal form; of a count at least two (7B stands for
    6.95 to 7.05 billion), of a perplexity at least one after the point (20 stands for 19.95 to
    20.05). A date on the first of a month may stand for any day of that month.
    """
    if first is None or other is None or first == other:
        return True
    if isinstance(first, datetime.date):
        same_month = (first.year, first.month) == (other.year, other.month)
        return same_month and 1 in (first.day, other.day)
    unit = max(_last_digit(field, first), _last_digit(field, other))
    # half a unit, and the rounding of the floats themselves
    return bool(abs(first - other) <= 0.5 * unit * (1 + 1e-9))


def _last_digit(field: str, number: float) -> float:
    """The unit of a number's last digit."""
    if not math.isfinite(number) or number == 0:
        return 0.0
    decimal = Decimal(repr(number)).normalize()
    exponent = int(decimal.as_tuple().exponent)
    most = -1 if field == "perplexity" else decimal.adjusted() - 1
    return float(Decimal(1).scaleb(min(exponent, most)))


def _differences(kept: Row, other: Row) -> list[dict[str, Any]]:
    """Rows of the table `conflicts`: the fields in which a record that goes differs."""
    found = []
    for field in COMPARED:
        ours, theirs = kept[field], other[field]
        if agree(field, ours, theirs):
            continue
        number = not isinstance(ours, datetime.date) and bool(ours)
        found.append(
            {
                "system": kept["system"],
                "benchmark": kept["benchmark"],
                "field": field,
                "kept_source": kept["source"],
                "kept_row": kept["source_row"],
                "kept_value": shown(ours),
                "other_source": other["source"],
                "other_row": other["source_row"],
                "other_value": shown(theirs),
                "relative_difference": (theirs - ours) / ours if number else None,
            }
        )
    return found
