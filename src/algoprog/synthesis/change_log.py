"""The log of what moved: the last run's snapshot, every change since the first run, and its words.

The log stands beside the results of a folder. A run adds an event where its records or numbers
differ from the snapshot, and the snapshot becomes its own; a run that finds what the snapshot holds
adds nothing, so the log may be asked as often as one likes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from algoprog.common.errors import InputError
from algoprog.common.intervals import doubling_months
from algoprog.common.numbers import count, months, signed
from algoprog.common.rows import Plain
from algoprog.common.visible import visible
from algoprog.synthesis.changes import (
    CLOSED_FORM,
    HEADLINE,
    VALUES,
    Answer,
    Difference,
    Snapshot,
)
from algoprog.synthesis.headline_numbers import CLOSED_FORM_LABEL

FIRST = "What moved: there is nothing to compare with, for this is the first run in this folder."
NAMES = 3  # of records and numbers, that a line tells

# What may have moved numbers besides records, in words.
SETTLED = {
    "setting": "configuration",
    "file": "file",
    "program": "the program",
}


@dataclass(frozen=True)
class Log:
    """What the last run found, and the rows of the table `changes` so far."""

    last: Snapshot | None = None
    rows: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, path: Path) -> Log:
        """Return the log of a folder; an empty one where none is there.

        Raises
        ------
        InputError
            for a file that is no log.
        """
        if not path.exists():
            return cls()
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                Snapshot(**said["last"]),
                tuple({**row, "date": date.fromisoformat(row["date"])} for row in said["rows"]),
            )
        except (ValueError, TypeError, KeyError):
            fix = "put it back from a copy, or delete it: the log then begins with the next run"
            raise InputError(str(path), "", "a log of changes that cannot be read", fix) from None

    def write(self, path: Path) -> None:
        """Write the log in one step."""
        assert self.last is not None
        rows = [{**row, "date": row["date"].isoformat()} for row in self.rows]
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_text(json.dumps({"last": asdict(self.last), "rows": rows}), encoding="utf-8")
        new.replace(path)

    @property
    def events(self) -> int:
        """How many changes there were."""
        return max((row["event"] for row in self.rows), default=0)

    def after(self, now: Snapshot, found: Sequence[dict[str, Any]]) -> Log:
        """Return the log after a run, with the rows of its event if it has any."""
        return Log(now, (*self.rows, *found))


def event(
    before: Snapshot, after: Snapshot, differ: Difference, answers: Sequence[Answer]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of an event but for its number and date: records, numbers, then causes.

    ``answers`` are those of :func:`algoprog.synthesis.undone.without_each` for ``differ.sample``.
    """
    whole = {name: after.numbers.get(name, {}).get("growth") for name in (HEADLINE, CLOSED_FORM)}
    samples = {"sample_before": before.sample, "sample_after": after.sample}
    for pair, answer in zip(differ.sample, answers, strict=True):
        yield {
            **_of_record(pair.what, pair.row, pair.name, pair.detail, True),
            **_effect(answer, whole[HEADLINE], whole[CLOSED_FORM]),
            **samples,
        }
    for pair in differ.only_records:
        yield {**_of_record(pair.what, pair.row, pair.name, pair.detail, False), **samples}
    by = {
        HEADLINE: _most(differ, [answer.own for answer in answers], whole[HEADLINE]),
        CLOSED_FORM: _most(differ, [answer.closed_form for answer in answers], whole[CLOSED_FORM]),
    }
    for one in differ.numbers:
        told = one.after if one.after is not None else one.before
        assert told is not None
        yield {
            "kind": "number",
            "what": one.what,
            "source": told["table"],
            "name": told["label"],
            **_values("before", one.before),
            **_values("after", one.after),
            "causes": ", ".join(differ.causes) or None,
            "moved_by": by.get(one.id),
            **samples,
        }
    for cause in _told_causes(differ):
        yield {**cause, "what": "changed", **samples}


def _told_causes(differ: Difference) -> Iterator[dict[str, Any]]:
    causes: list[tuple[str, str, str, str | None]] = [
        *(("setting", place.split(".")[0], place, said) for place, said in differ.settings),
        *(("file", path, path, None) for path in differ.files),
    ]
    if differ.program:
        causes.append(("program", "src/algoprog", "the program", None))
    for kind, source, name, detail in causes:
        yield {"kind": kind, "source": source, "name": name, "detail": detail}


def _of_record(what: str, row: Plain, name: str, detail: str, sampled: bool) -> dict[str, Any]:
    return {
        "kind": "record",
        "what": what,
        "source": row["source"],
        "name": name,
        "in_sample": sampled,
        "detail": detail or None,
    }


def _values(prefix: str, told: Plain | None) -> dict[str, Any]:
    names = (prefix, f"{prefix}_low", f"{prefix}_high")
    return {
        name: None if told is None else told[value]
        for name, value in zip(names, VALUES, strict=True)
    }


def _effect(answer: Answer, own: float | None, closed: float | None) -> dict[str, Any]:
    found: dict[str, Any] = {"converged": answer.certified, "reason": answer.reason or None}
    for prefix, without, whole in (
        ("", answer.own, own),
        ("closed_form_", answer.closed_form, closed),
    ):
        if without is None:
            continue
        found[f"{prefix}without"] = float(doubling_months(without))
        if whole is not None:
            change = float(doubling_months(whole)) - found[f"{prefix}without"]
            found[f"{prefix}effect"] = None if math.isnan(change) else change
    return found


def _most(differ: Difference, without: Sequence[float | None], whole: float | None) -> str | None:
    """The record that moved growth most; None where none is known to have moved it."""
    if whole is None:
        return None
    moved = [
        (abs(whole - growth), pair.name)
        for pair, growth in zip(differ.sample, without, strict=True)
        if growth is not None
    ]
    size, name = max(moved, key=lambda one: one[0], default=(0.0, ""))
    return name if size > 0 else None


def numbered(rows: Iterator[dict[str, Any]], event: int, day: date) -> list[dict[str, Any]]:
    """Return the rows of an event with its number and date."""
    return [{"event": event, "number": i, "date": day, **row} for i, row in enumerate(rows, 1)]


def last_event(rows: Sequence[Plain]) -> list[Plain]:
    """Return the rows of the last event."""
    last = max((row["event"] for row in rows), default=0)
    return [row for row in rows if row["event"] == last]


def lines(rows: Sequence[Plain]) -> list[str]:
    """Return an event in lines: records by source, the numbers that moved, other causes."""
    if not rows:
        return []
    found = [f"What moved ({rows[0]['date']}):", *_records(rows), *_numbers(rows), *_causes(rows)]
    return [visible(line, kept="") for line in found]


def _first(told: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = f" and {count(len(told) - NAMES)} more" if len(told) > NAMES else ""
    return f"{', '.join(told[:NAMES])}{more}"


def _records(rows: Sequence[Plain]) -> Iterator[str]:
    records = [row for row in rows if row["kind"] == "record"]
    for what in ("came", "went", "edited"):
        by_source: dict[str, list[Plain]] = {}
        for row in records:
            if row["what"] == what:
                by_source.setdefault(str(row["source"]), []).append(row)
        for source, those in by_source.items():
            sampled = sum(bool(row["in_sample"]) for row in those)
            noun = "record" if len(those) == 1 else "records"
            verb = ("was " if len(those) == 1 else "were ") if what == "edited" else ""
            yield (
                f"  Source {source}: {count(len(those))} {noun} {verb}{what}, {count(sampled)} in "
                f"the headline's sample: {_first([str(row['name']) for row in those])}"
            )


def _numbers(rows: Sequence[Plain]) -> Iterator[str]:
    numbers = [row for row in rows if row["kind"] == "number"]
    moved = [row for row in numbers if row["what"] == "moved"]
    for row in moved[:NAMES]:
        values = f"{span(row, 'before')} → {span(row, 'after')} months"
        yield f"  {row['name']}: {values}{_by(row, rows)}"
    others = len(moved) - NAMES
    rest = [f"{count(others)} other numbers moved"] if others > 0 else []
    for what in ("came", "went"):
        n = sum(row["what"] == what for row in numbers)
        rest += [f"{count(n)} {what}"] if n else []
    if rest:
        yield f"  {'; '.join(rest)} (results/tables/changes.csv)"
    if not numbers:
        yield "  No number moved beyond rounding."


def _by(row: Plain, rows: Sequence[Plain]) -> str:
    """Which record moved a number most, and what it would be without that change."""
    name = row["moved_by"]
    if not name:
        return ""
    prefix = "closed_form_" if row["name"] == CLOSED_FORM_LABEL else ""
    by = next(one for one in rows if one["kind"] == "record" and one["name"] == name)
    without = {"came": "without it", "went": "with it", "edited": "as it was"}[str(by["what"])]
    effect = by[f"{prefix}effect"]
    moved = "" if effect is None else f" ({signed(effect)})"
    return f"; most by {name}{moved}: {months(by[f'{prefix}without'])} months {without}"


def span(row: Plain, prefix: str) -> str:
    """Return a number of a row with its interval, as a reader sees it."""
    point, low, high = (months(row[f"{prefix}{end}"]) for end in ("", "_low", "_high"))
    return point if low == high == "–" else f"{point} ({low} to {high})"


def _causes(rows: Sequence[Plain]) -> Iterator[str]:
    causes = [row for row in rows if row["kind"] in SETTLED]
    for kind, words in SETTLED.items():
        those = [row for row in causes if row["kind"] == kind]
        if not those:
            continue
        told = _first([f"{row['name']} {row['detail'] or ''}".strip() for row in those])
        said = "" if kind == "program" else f": {told}"
        yield f"  Also changed, {words}{said}"


def nothing(rows: Sequence[Plain]) -> str:
    """Return that nothing moved, with the day of the last event if there was any."""
    when = f"; the last change was found on {rows[-1]['date']}" if rows else ""
    return f"What moved: nothing since the last run{when}."
