"""Each evaluation once, where several sources have it.

Nothing goes in silence: every record that goes, every disagreement, and every record that looks
like another one is a row of a table.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.rows import Plain
from algoprog.records.agreement import agree, shown
from algoprog.records.identity import Identity
from algoprog.records.papers import same_paper
from algoprog.records.repeats import suspects
from algoprog.records.specification import Repeats
from algoprog.records.tables import CONFLICTS, DUPLICATES, SUSPECTED_REPEATS
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
        from the record that stayed by more than rounding, and for each in which records of one name
        in one source differ at all; values as texts.
    duplicates : the table of that name: by pair of sources, how many records went that agree with
        the record that stayed, and how many that do not; a source with itself, if it repeats a
        record.
    suspected_repeats : the table of that name: records that look like another source's under
        another name.
    namesakes : of each record of a name that an earlier source has for another paper and another
        date, both of which stay: its position among those given, and the other's source and row.
    several : of each record whose source has its system on its benchmark before, with other
        values: its position among those given, and the row of the first.
    """

    records: pl.DataFrame
    superseded: pl.DataFrame
    conflicts: pl.DataFrame
    duplicates: pl.DataFrame
    suspected_repeats: pl.DataFrame
    namesakes: list[tuple[int, str, int]]
    several: list[tuple[int, int]]


@dataclass
class _Found:
    """What matching finds: records that go, with the source and row that stay, and differences.

    Attributes
    ----------
    gone : by position: source and row of the record that stays.
    counts : by pair of sources: records that agree, and records that do not.
    namesakes, several : as of :class:`Matched`.
    """

    gone: dict[int, tuple[str, int]] = dataclasses.field(default_factory=dict)
    conflicts: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    counts: dict[tuple[str, str], list[int]] = dataclasses.field(
        default_factory=lambda: defaultdict(lambda: [0, 0])
    )
    namesakes: list[tuple[int, str, int]] = dataclasses.field(default_factory=list)
    several: list[tuple[int, int]] = dataclasses.field(default_factory=list)

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

    def contradicted(self, position: int, record: Row, first: Row) -> None:
        """Note a record whose source has its system and benchmark before, with other values."""
        self.several.append((position, first["source_row"]))
        self.conflicts += _differences(first, record, exactly=True)

    def matched(self, records: pl.DataFrame, suspected: Sequence[Row]) -> Matched:
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
            frame_of(SUSPECTED_REPEATS, suspected),
            self.namesakes,
            self.several,
        )


def match_sources(
    records: pl.DataFrame, precedence: Sequence[str], repeats: Repeats | None = None
) -> Matched:
    """Return each system's evaluation on a benchmark from one source, and once.

    Records match if they have the same benchmark and the same system, by
    :func:`~algoprog.records.names.name_key` of its name without what the source's `strip` takes
    off, or by its `same_as`. Records of the first source in `precedence` that has any stay, and
    those of the others go. A record stays whose paper and date both differ from those of every
    record before it: another system of the same name. A source may have a system several times; of
    records that are equal in every field but their entry, the first stays. Nothing of a record
    changes.

    Two values agree if rounding can explain the difference
    (:func:`~algoprog.records.agreement.agree`) or either is blank. What remains is compared by
    paper, benchmark and score (:func:`~algoprog.records.repeats.suspects`); where `suspected` is
    once, records found so go too.

    Raises
    ------
    InputError
        if there are several sources and one is not in `precedence`, or for a name in `same_as`
        that no record has.
    """
    repeats = repeats or Repeats()
    _check_precedence(records, precedence)
    rank = {source: position for position, source in enumerate(precedence)}
    rows = records.select(
        *("source", "source_row", "system", "paper", "url", "benchmark"), *COMPARED
    ).to_dicts()
    identity = Identity.of(records, repeats)
    again = _repeats(records)
    found = _Found()
    for positions in _same_evaluation(rows, identity).values():
        ranked = sorted(positions, key=lambda p: rank.get(rows[p]["source"], 0))
        _match(ranked, rows, again, identity, repeats.days, found)
    left = [p for p in range(len(rows)) if p not in found.gone]
    suspected = list(suspects(rows, left, rank, identity, repeats))
    for one in suspected:
        if one.counted == "once":
            found.superseded(one.position, rows[one.position], [rows[one.like]])
    return found.matched(records, [one.row(rows) for one in suspected])


def _match(
    positions: Sequence[int],
    rows: Sequence[Row],
    again: dict[int, int],
    identity: Identity,
    days: int,
    found: _Found,
) -> None:
    """Match the records of one name on one benchmark, those of the first source first."""
    kept: list[int] = []
    for position in positions:
        record = rows[position]
        distinct = identity.distinct[position]
        before = [rows[p] for p in kept if rows[p]["source"] != record["source"]]
        same = [
            row
            for row in before
            if not distinct and (identity.declared[position] or _may_be(row, record, days))
        ]
        if same:
            found.superseded(position, record, same)
            continue
        if position in again:
            found.repeated(position, rows[again[position]])
            continue
        if before and not distinct:
            found.namesakes.append((position, before[0]["source"], before[0]["source_row"]))
        own = [p for p in kept if rows[p]["source"] == record["source"]]
        if own and not distinct and record["benchmark"] is not None:
            found.contradicted(position, record, rows[own[0]])
        kept.append(position)


def _may_be(one: Row, other: Row, days: int) -> bool:
    """Whether records of one name may be one evaluation: not if paper and date both differ."""
    first, second = one["published"], other["published"]
    apart = None not in (first, second) and abs((first - second).days) > days
    return not (apart and not agree("published", first, second)) or same_paper(one, other)


def _check_precedence(records: pl.DataFrame, precedence: Sequence[str]) -> None:
    sources = records["source"].unique(maintain_order=True).to_list()
    for source in sources if len(sources) > 1 else []:
        if source not in precedence:
            fix = f"name every source, the first to count first: {', '.join(sources)}"
            raise InputError("configuration", "precedence", f"{source} missing", fix)


def _same_evaluation(rows: Sequence[Row], identity: Identity) -> dict[Any, list[int]]:
    """Positions of the records of each system on each benchmark."""
    groups: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for position, row in enumerate(rows):
        groups[identity.key[position], row["benchmark"]].append(position)
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


def _differences(kept: Row, other: Row, exactly: bool = False) -> list[dict[str, Any]]:
    """Rows of the table `conflicts`: the fields in which a record differs."""
    found = []
    for field in COMPARED:
        ours, theirs = kept[field], other[field]
        if None in (ours, theirs) or (ours == theirs if exactly else agree(field, ours, theirs)):
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
