"""The audit: each published number beside ours, with a verdict that follows from stated tolerances.

It knows the file of published numbers and figures given to it; it computes none of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from algoprog.audit.tables import CAPABILITY, PAPER, REPRODUCTION
from algoprog.common.errors import InputError
from algoprog.common.register import read_register
from algoprog.common.rows import Plain
from algoprog.tables.frames import frame_of

# Verdicts. A figure is exact if it rounds to the digits printed, or agrees to five digits where
# more are printed; close within twice the noise of the published procedure, or within one per cent
# where its noise is not measured.
EXACT_RELATIVE = 1e-5
CLOSE_NOISES = 2.0
CLOSE_RELATIVE = 1e-2
VERDICTS = ("exact", "close", "differs")
NOT_DETERMINED = "not determined"

Row = Plain
PARTS = ("value", "low", "high")
PUBLISHED_SCHEMA = {
    "id": pl.String,
    "section": pl.String,
    "quantity": pl.String,
    "variant": pl.String,
    "delta": pl.Float64,
    **dict.fromkeys(PARTS, pl.Float64),
    "level": pl.Float64,
    "unit": pl.String,
    # half a unit of the last digit printed
    **{f"{part}_rounding": pl.Float64 for part in PARTS},
}


@dataclass(frozen=True)
class Figure:
    """A number with its interval; what there is none of is None."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def parts(self) -> Iterator[tuple[str, float | None]]:
        """Yield each of value, low and high by name; NaN is no number."""
        for part in PARTS:
            number = getattr(self, part)
            yield part, None if number is None or math.isnan(number) else float(number)


@dataclass(frozen=True)
class Reproduced:
    """Ours beside a published number.

    Attributes
    ----------
    published : by the published procedure, in the unit of the published number.
    converged : by the converged estimator; no figure where it has no such number.
    noise : standard error of each part of ``published`` from the procedure itself.
    monte_carlo : standard error of each part from resting on so many draws only.
    note : what explains a difference, or what to know of an agreement.
    defect : number of the known defect that makes the published number wrong; None of others.
    """

    published: Figure
    converged: Figure = Figure()
    noise: Figure = Figure()
    monte_carlo: Figure = Figure()
    note: str = ""
    defect: int | None = None


def read_published(content: bytes, where: str = "published_results.csv") -> pl.DataFrame:
    """Return the published numbers, with the rounding of each as far as its digits tell.

    Raises
    ------
    InputError
        for another header, an id that repeats, a number that is none, or a row without any.
    """
    header = [name for name in PUBLISHED_SCHEMA if not name.endswith("_rounding")]
    register = read_register(content, where)
    register.check_header(header)
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    for one in register.lines:
        line, place = one.cells, f"line {one.number}"
        if not line["id"] or line["id"] in seen:
            raise InputError(where, f"{place}, id", line["id"], "give each row an id of its own")
        seen.add(line["id"])
        row: dict[str, Any] = {name: line[name] or None for name in header}
        for name in ("delta", "level", *PARTS):
            number = _number(line[name], where, f"{place}, {name}")
            row[name] = None if number is None else float(number)
            if name in PARTS and number is not None:
                row[f"{name}_rounding"] = 0.5 * 10.0 ** int(number.as_tuple().exponent)
        if all(row[part] is None for part in PARTS):
            raise InputError(where, f"{place}, value", None, "give a value or the ends of a span")
        rows.append(row)
    return pl.DataFrame(rows, schema=PUBLISHED_SCHEMA)


def _number(text: str, where: str, place: str) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise InputError(where, place, text, "give a number, or leave it blank")
    return number


def agreement(published: float, ours: float, rounding: float, noise: float | None) -> str:
    """Return how a number agrees: exact, close or differs.

    exact    |ours - published| <= max(rounding, 1e-5 |published|)
    close    |ours - published| <= rounding + 2 noise where the noise is measured and finite,
             else <= 0.01 |published|
    """
    difference = abs(ours - published)
    if difference <= max(rounding * (1 + 1e-9), EXACT_RELATIVE * abs(published)):
        return "exact"
    if noise is not None and math.isfinite(noise):
        return "close" if difference <= rounding + CLOSE_NOISES * noise else "differs"
    return "close" if difference <= CLOSE_RELATIVE * abs(published) else "differs"


def relative_difference(published: float, ours: float) -> float | None:
    """Return (ours - published) / |published|; None against a published zero."""
    return (ours - published) / abs(published) if published else None


def reproduction_table(
    published: pl.DataFrame,
    ours: Mapping[str, Reproduced],
    not_determined: Mapping[str, str],
) -> pl.DataFrame:
    """Return the table `reproduction`: a row for each published number, in the file's order.

    Parameters
    ----------
    published : of :func:`read_published`.
    ours : what we get for each id.
    not_determined : why the published procedure, as far as it is known, does not determine the
        number of an id; it gets that verdict, and the reason as its note.

    ``agreement`` is the worst of value and ends by :func:`agreement`. ``verdict`` is the same,
    unless the published number is known to be wrong: then ``defect N``, whether or not its
    procedure gives it again. A difference that no note explains is noted as unexplained.

    Raises
    ------
    AssertionError
        if an id is in neither or both of the mappings, or an id in them is not published; if ours
        lacks a part that is published; or if a defect has no note.
    """
    ids = published["id"].to_list()
    given = [*ours, *not_determined]
    if sorted(ids) != sorted(given):
        missing, unasked = sorted(set(ids) - set(given)), sorted(set(given) - set(ids))
        both = sorted(set(ours) & set(not_determined))
        raise AssertionError(f"missing: {missing}; not published: {unasked}; in both: {both}")
    rows = []
    for line in published.iter_rows(named=True):
        row = {name: line[name] for name in ("id", "section", "quantity", "unit", "level")}
        row |= {"analysis": PAPER}
        row |= {f"published{_end(part)}": line[part] for part in PARTS}
        if line["id"] in not_determined:
            reason = not_determined[line["id"]]
            row |= {"agreement": NOT_DETERMINED, "verdict": NOT_DETERMINED, "note": reason}
        else:
            row |= _compared(line, ours[line["id"]])
        rows.append(row)
    return frame_of(REPRODUCTION, rows)


def _compared(line: Row, found: Reproduced) -> dict[str, Any]:
    row: dict[str, Any] = {}
    noise = dict(found.noise.parts())
    verdicts = []
    for part, number in found.published.parts():
        row[f"ours_published{_end(part)}"] = number
        row[f"noise{_end(part)}"] = noise[part]
        printed = line[part]
        if printed is None:
            continue
        if number is None:
            raise AssertionError(f"{line['id']}: {part} is published, and ours has none")
        rounding = line[f"{part}_rounding"]
        verdicts.append(agreement(printed, number, rounding, noise[part]))
        row[f"relative_difference{_end(part)}"] = relative_difference(printed, number)
    row |= {f"ours_converged{_end(part)}": number for part, number in found.converged.parts()}
    row |= {f"monte_carlo{_end(part)}": number for part, number in found.monte_carlo.parts()}
    row["agreement"] = max(verdicts, key=VERDICTS.index)
    row["verdict"], row["note"] = row["agreement"], found.note
    if found.defect is not None:
        if not found.note:
            raise AssertionError(f"{line['id']}: defect {found.defect} without a note")
        row["verdict"] = f"defect {found.defect}"
    elif row["agreement"] == "differs" and not found.note:
        row["note"] = "unexplained"
    return row


def with_capability(table: pl.DataFrame, *parts: pl.DataFrame) -> pl.DataFrame:
    """Return `reproduction` with the rows of capability's published analysis behind the paper's.

    ``parts`` have what that part of the job found: ours by the published procedure alone, and
    verdicts by the same tolerances (its procedure has no noise).
    """
    rows = []
    for found in (row for part in parts for row in part.iter_rows(named=True)):
        row = dict(found) | {"analysis": CAPABILITY, "agreement": found["verdict"]}
        for part in PARTS:
            printed, ours = row[f"published{_end(part)}"], row.pop(f"ours{_end(part)}")
            row[f"ours_published{_end(part)}"] = ours
            if printed is not None and ours is not None:
                row[f"relative_difference{_end(part)}"] = relative_difference(printed, ours)
        if row["verdict"] == "differs" and not row["note"]:
            row["note"] = "unexplained"
        rows.append(row)
    return pl.concat([table, frame_of(REPRODUCTION, rows)])


def of_analysis(rows: Iterable[Row], analysis: str) -> list[dict[str, Any]]:
    """Return the rows of one published analysis; a row that names none is the paper's."""
    return [dict(row) for row in rows if (row.get("analysis") or PAPER) == analysis]


def _end(part: str) -> str:
    return "" if part == "value" else f"_{part}"
