"""Estimates that others published: the register, files of a user's own, and rows inline."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from algoprog.common.errors import InputError
from algoprog.common.register import read_register
from algoprog.synthesis.estimate import Estimate, Pace
from algoprog.synthesis.settings import File, Settings, Words
from algoprog.synthesis.units import TIMES, UNITS, fault, growth

REQUIRED = ("id", "label", "source", "domain", "quantity", "setting", "definition", "unit")
OPTIONAL = (
    *("year", "reference", "scope", "period_from", "period_to", "stated", "value", "low", "high"),
    *("level", "years", "status", "method", "found", "note"),
)
STATUSES = ("read", "rate_second_hand", "second_hand")
Place = Callable[[str], str]


def published(contents: Mapping[str, bytes], register: str, settings: Settings) -> list[Estimate]:
    """Return the estimates of others, those of the register first.

    Parameters
    ----------
    contents : bytes of each file, by its path.

    Raises
    ------
    InputError
        for a column that is missing, a code without words, a number that its unit does not allow,
        an interval whose ends are missing or the wrong way round, or an id that stands twice.
    """
    found: list[Estimate] = []
    for file in (File(register), *settings.files.values()):
        found += _of_file(contents[file.file], file, settings.words)
    for name, cells in settings.more.items():
        given = _Cells({"id": name, **cells}, "config.yaml", _inline(name), settings.words)
        found.append(given.estimate())
    ids = [one.id for one in found]
    for name in ids:
        if ids.count(name) > 1:
            raise InputError("estimates", "id", name, "give each estimate an id of its own")
    return found


def _inline(name: str) -> Place:
    return lambda column: f"estimates.more.{name}.{column}"


def _line(number: int) -> Place:
    return lambda column: f"line {number}, column {column}"


def _of_file(content: bytes, file: File, words: Words) -> Iterator[Estimate]:
    register = read_register(content, file.file)
    needed = [file.columns.get(name, name) for name in REQUIRED if name not in file.constants]
    fix = "add the column, say under `columns` what it is called, or give it in `constants`"
    register.check_columns(needed, fix)
    for line in register.lines:
        cells = {
            column: line.text(file.columns.get(column, column)) for column in (*REQUIRED, *OPTIONAL)
        }
        cells |= {name: value for name, value in file.constants.items() if not cells.get(name)}
        yield _Cells(cells, file.file, _line(line.number), words).estimate()


class _Cells:
    """The cells of one estimate, and how errors name their place."""

    def __init__(self, cells: Mapping[str, str], where: str, place: Place, words: Words) -> None:
        self.cells, self.where, self.place, self.words = cells, where, place, words

    def refused(self, column: str, fix: str) -> InputError:
        return InputError(self.where, self.place(column), self.text(column) or None, fix)

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def required(self, column: str) -> str:
        if not self.text(column):
            raise self.refused(column, "give it: every estimate has one")
        return self.text(column)

    def code(self, column: str, known: Mapping[str, str]) -> str:
        if self.required(column) not in known:
            fix = f"name one of {', '.join(known)}, or add yours under `estimates.words`"
            raise self.refused(column, fix)
        return self.text(column)

    def one_of(self, column: str, known: tuple[str, ...]) -> str:
        if self.required(column) not in known:
            raise self.refused(column, f"name one of {', '.join(known)}")
        return self.text(column)

    def number(self, column: str) -> float:
        if not self.text(column):
            return math.nan
        try:
            value = float(self.text(column))
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise self.refused(column, "give a number, or leave it blank")
        return value

    def day(self, column: str, last: bool) -> date | None:
        """Return the first or last day of YYYY, YYYY-MM or YYYY-MM-DD; None of a blank."""
        text = self.text(column)
        if not text:
            return None
        try:
            parts = [int(part) for part in text.split("-")]
            year, month, day = (*parts, *((12 if last else 1, 1)[len(parts) - 1 :]))
            if len(parts) < 3 and last:
                return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            return date(year, month, day)
        except ValueError:
            raise self.refused(column, "write YYYY, YYYY-MM or YYYY-MM-DD") from None

    def pace(self) -> Pace:
        """Return growth and its interval from the value in its unit."""
        unit = self.one_of("unit", UNITS)
        years = self.number("years")
        found = {}
        for column in ("value", "low", "high"):
            value = self.number(column)
            if math.isnan(value):
                found[column] = math.nan
                continue
            wrong = fault(unit, value, years)
            if wrong:
                raise self.refused("years" if "`years`" in wrong else column, wrong)
            found[column] = growth(unit, value, years)
        if math.isnan(found["low"]) != math.isnan(found["high"]):
            missing = "low" if math.isnan(found["low"]) else "high"
            raise self.refused(missing, "give both ends of the interval, or neither")
        if math.isnan(found["value"]) and math.isnan(found["low"]):
            raise self.refused("value", "give a value, an interval, or both")
        ends = (found["high"], found["low"]) if unit in TIMES else (found["low"], found["high"])
        if ends[0] > ends[1]:
            raise self.refused("low", "give an end that is not above the other")
        level = self.number("level")
        if not math.isnan(level) and not 0 < level < 100:
            raise self.refused("level", "give the level in per cent, between 0 and 100")
        return Pace(found["value"], *ends, level)

    def estimate(self) -> Estimate:
        """Return the estimate that the cells say."""
        year = self.number("year")
        return Estimate(
            id=self.required("id"),
            whose="published",
            label=self.required("label"),
            domain=self.code("domain", self.words.domains),
            scope=self.text("scope"),
            quantity=self.code("quantity", self.words.quantities),
            setting=self.code("setting", self.words.settings),
            definition=self.code("definition", self.words.definitions),
            pace=self.pace(),
            status=self.one_of("status", STATUSES) if self.text("status") else "second_hand",
            source=self.required("source"),
            year=None if math.isnan(year) else int(year),
            reference=self.text("reference"),
            period_from=self.day("period_from", last=False),
            period_to=self.day("period_to", last=True),
            stated=self.text("stated"),
            method=self.text("method"),
            note=self.text("note"),
        )
