"""What several sources say of one system: blanks filled from another, duplicates matched.

Nothing is overwritten in silence: every value that is filled in, and every disagreement, is a row
of a table.
"""

from __future__ import annotations

import datetime
import math
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.records.fields import FIELDS

_TYPES = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "date": pl.Date}
DIFFERENCES = ("case", "blanks", "punctuation")  # between names, that may not matter

JOINED = {
    "source": pl.String,
    "source_row": pl.Int64,
    "system": pl.String,
    "lookup": pl.String,
    "field": pl.String,
    "matched_name": pl.String,
    "own_value": pl.String,
    "value": pl.String,
    "status": pl.String,
}
CONFLICTS = {
    "system": pl.String,
    "benchmark": pl.String,
    "field": pl.String,
    "kept_source": pl.String,
    "kept_row": pl.Int64,
    "kept_value": pl.String,
    "other_source": pl.String,
    "other_row": pl.Int64,
    "other_value": pl.String,
    "relative_difference": pl.Float64,
}
DUPLICATES = {
    "kept_source": pl.String,
    "other_source": pl.String,
    "agreeing": pl.Int64,
    "conflicting": pl.Int64,
}
COMPARED = ("perplexity", "parameters", "dataset_tokens", "published")


def name_key(name: str, differences: Sequence[str] = DIFFERENCES) -> str:
    """The name as two sources share it, without the named differences (:data:`DIFFERENCES`).

    Compatible characters are one (NFKC). "+" is kept, for it says what a system has besides; what
    stands between two digits is kept too, as "." or "-": 1.5B is not 15B, and "2 12B" not "212B".
    A name of punctuation alone stays as it is.
    """
    text = unicodedata.normalize("NFKC", name)
    if "case" in differences:
        text = text.casefold()
    kept: list[str] = []
    between = ""
    for character in text:
        blank = character.isspace()
        plain = blank or character == "+" or character.isalnum()
        if (blank and "blanks" in differences) or (not plain and "punctuation" in differences):
            between += character
            continue
        if between and kept and kept[-1].isdigit() and character.isdigit():
            kept.append("." if between == "." else "-")
        between = ""
        kept.append(character)
    return "".join(kept) or text


# --- join ----------------------------------------------------------------------------------------


def join(
    records: pl.DataFrame, name: str, spec: Mapping[str, Any], lookup: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records with fields taken from another source by the system's name, and what became of each.

    Parameters
    ----------
    records : DataFrame
        Of one source (:func:`algoprog.records.sources.read_source`).
    name : str
        The other source.
    spec : mapping
        `join.<name>` of the source's entry: fields, normalise, aliases, prefer.
    lookup : DataFrame
        Records of the other source.

    Returns
    -------
    records : DataFrame
        As given, but for the values that were taken.
    joined : DataFrame
        One row for each entry and field, with the columns :data:`JOINED`: `own_value` is what the
        record has, `value` what it has now, both as texts. `status` is one of

        - filled: was blank, taken from the other source;
        - replaced: was not blank, taken from the other source (`prefer: join`, and they differ);
        - kept: was not blank, and stays;
        - absent: blank, and so it is in the other source;
        - unmatched: the other source has no system of this name;
        - ambiguous: it has several, which disagree in one of the fields, so none is taken.

    Raises
    ------
    InputError
        for an alias of, or to, a system that is not there.
    """
    differences = spec.get("normalise", DIFFERENCES)
    fields = list(spec["fields"])
    prefer_join = spec.get("prefer", "own") == "join"
    candidates = defaultdict(list)
    for row in lookup.select("system", *fields).iter_rows(named=True):
        if row["system"] is not None:
            candidates[name_key(row["system"], differences)].append(row)
    aliases = _aliases(records, name, spec.get("aliases") or {}, candidates, differences)

    values: dict[str, list[Any]] = {field: [] for field in fields}
    log: list[dict[str, Any]] = []
    for row in records.iter_rows(named=True):
        key = None if row["system"] is None else name_key(row["system"], differences)
        found = candidates.get(aliases.get(key, key) if key is not None else "", [])
        offered = {field: _distinct(candidate[field] for candidate in found) for field in fields}
        ambiguous = any(len(several) > 1 for several in offered.values())
        for field in fields:
            own = row[field]
            other = offered[field][0] if offered[field] and not ambiguous else None
            if not found:
                status = "unmatched"
            elif ambiguous:
                status = "ambiguous"
            elif own is None:
                status = "absent" if other is None else "filled"
            else:
                taken = prefer_join and other is not None and other != own
                status = "replaced" if taken else "kept"
            value = other if status in ("filled", "replaced") else own
            values[field].append(value)
            log.append(
                {
                    "source": row["source"],
                    "source_row": row["source_row"],
                    "system": row["system"],
                    "lookup": name,
                    "field": field,
                    "matched_name": " | ".join(_distinct(c["system"] for c in found)) or None,
                    "own_value": _shown(own),
                    "value": _shown(value),
                    "status": status,
                }
            )
    taken_values = [
        pl.Series(field, column, _TYPES[FIELDS[field].kind]) for field, column in values.items()
    ]
    # an entry has a record for each benchmark
    joined = pl.DataFrame(log, schema=JOINED).unique(maintain_order=True)
    return records.with_columns(taken_values), joined


def join_sources(
    frames: Mapping[str, pl.DataFrame], sources: Mapping[str, Mapping[str, Any]]
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Records of every source of evaluations, joined as configured, and what became of each.

    Parameters
    ----------
    frames : mapping
        Records by source (:func:`algoprog.records.sources.read_source`).
    sources : mapping
        The sources' entries in the configuration.

    Returns
    -------
    records : list of DataFrame
        One for each source whose `role` is records, in the order given.
    joined : DataFrame
        As :func:`join` says.
    """
    found = []
    logs = [pl.DataFrame(schema=JOINED)]
    for name, records in frames.items():
        if sources[name]["role"] == "records":
            for lookup, spec in sources[name]["join"].items():
                records, joined = join(records, lookup, spec, frames[lookup])
                logs.append(joined)
            found.append(records)
    return found, pl.concat(logs)


def _aliases(
    records: pl.DataFrame,
    name: str,
    aliases: Mapping[str, str],
    candidates: Mapping[str, Any],
    differences: Sequence[str],
) -> dict[str, str]:
    """Keys of aliased systems: those of their names in the other source."""
    own = {name_key(system, differences) for system in records["system"].drop_nulls()}
    keys = {}
    for system, other in aliases.items():
        for given, known in ((system, own), (other, candidates)):
            if name_key(given, differences) not in known:
                place = f"join.{name}.aliases.{system}"
                fix = "no system of this name there: correct the alias, or take it away"
                source = records["source"][0] if records.height else ""
                raise InputError("configuration", f"sources.{source}.{place}", given, fix)
        keys[name_key(system, differences)] = name_key(other, differences)
    return keys


def _distinct(values: Any) -> list[Any]:
    return list(dict.fromkeys(value for value in values if value is not None))


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


# --- matching of sources -------------------------------------------------------------------------


@dataclass(frozen=True)
class Matched:
    """Records, each evaluation once.

    records     the records that stay, in the order given
    superseded  those that went, with the source and row of the one that stayed (`kept_source`,
                `kept_row`)
    conflicts   :data:`CONFLICTS`: one row for each field in which a record that went differs from
                the one that stayed by more than rounding; values as texts
    duplicates  :data:`DUPLICATES`: by pair of sources, how many records went that agree with the
                one that stayed, and how many that do not; a source with itself, if it repeats one
    """

    records: pl.DataFrame
    superseded: pl.DataFrame
    conflicts: pl.DataFrame
    duplicates: pl.DataFrame


def match_sources(records: pl.DataFrame, precedence: Sequence[str]) -> Matched:
    """Each system's evaluation on a benchmark from one source, and once.

    Records match if they have the same benchmark and the same system, by :func:`name_key`; those of
    the first source in `precedence` that has any stay, and those of the others go. That source may
    have the system several times; of records that are equal in every field but their entry, the
    first stays. Nothing of a record changes.

    Two values agree if rounding can explain the difference (:func:`agree`) or one is blank.

    Raises
    ------
    InputError
        if there are several sources and one is not in `precedence`.
    """
    sources = records["source"].unique(maintain_order=True).to_list()
    if len(sources) > 1:
        for source in sources:
            if source not in precedence:
                fix = f"name every source, the one that counts first: {', '.join(sources)}"
                raise InputError("configuration", "precedence", f"{source} missing", fix)
    rank = {source: position for position, source in enumerate(precedence)}
    groups: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    rows = records.select("source", "source_row", "system", "benchmark", *COMPARED).to_dicts()
    for position, row in enumerate(rows):
        if row["system"] is not None:
            groups[name_key(row["system"]), row["benchmark"]].append(position)

    gone: dict[int, tuple[str, int]] = {}
    conflicts: list[dict[str, Any]] = []
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    repeats = _repeats(records)
    for positions in groups.values():
        first = min((rows[p]["source"] for p in positions), key=lambda name: rank.get(name, 0))
        kept = [rows[p] for p in positions if rows[p]["source"] == first and p not in repeats]
        for position in positions:
            other = rows[position]
            if other["source"] == first:
                if position in repeats:
                    gone[position] = (first, rows[repeats[position]]["source_row"])
                    counts[first, first][0] += 1
                continue
            # the source may have the system several times
            fewest, stayed = min(
                ((_differences(row, other), row) for row in kept), key=lambda pair: len(pair[0])
            )
            gone[position] = (first, stayed["source_row"])
            counts[first, other["source"]][bool(fewest)] += 1
            conflicts += fewest
    stays = [position for position in range(len(rows)) if position not in gone]
    return Matched(
        records if not gone else records[stays],
        records[list(gone)].with_columns(
            pl.Series("kept_source", [source for source, _ in gone.values()], pl.String),
            pl.Series("kept_row", [row for _, row in gone.values()], pl.Int64),
        ),
        pl.DataFrame(conflicts, schema=CONFLICTS),
        pl.DataFrame(
            [
                (kept_source, other, agreeing, conflicting)
                for (kept_source, other), (agreeing, conflicting) in sorted(counts.items())
            ],
            schema=DUPLICATES,
            orient="row",
        ),
    )


def _repeats(records: pl.DataFrame) -> dict[int, int]:
    """Of each evaluation that its source has before, the same in every field: where that is."""
    fields = pl.struct(name for name in records.columns if name != "source_row")
    numbered = records.with_row_index("position").with_columns(
        first=pl.col("position").min().over(fields)
    )
    again = pl.col("system").is_not_null() & pl.col("benchmark").is_not_null()
    found = numbered.filter(again, pl.col("first") != pl.col("position"))
    return dict(found.select("position", "first").iter_rows())


def agree(field: str, one: Any, other: Any) -> bool:
    """Whether two values of a field may be one value, rounded.

    Numbers agree if they differ by no more than half a unit of the last digit of the shorter one.
    A number's digits are those of its shortest decimal form; of a count at least two (7B stands for
    6.95 to 7.05 billion), of a perplexity at least one after the point (20 stands for 19.95 to
    20.05). A date on the first of a month may stand for any day of that month.
    """
    if one is None or other is None or one == other:
        return True
    if isinstance(one, datetime.date):
        same_month = (one.year, one.month) == (other.year, other.month)
        return same_month and 1 in (one.day, other.day)
    unit = max(_last_digit(field, one), _last_digit(field, other))
    # half a unit, and the rounding of the floats themselves
    return bool(abs(one - other) <= 0.5 * unit * (1 + 1e-9))


def _last_digit(field: str, number: float) -> float:
    """The unit of a number's last digit."""
    if not math.isfinite(number) or number == 0:
        return 0.0
    decimal = Decimal(repr(number)).normalize()
    exponent = int(decimal.as_tuple().exponent)
    most = -1 if field == "perplexity" else decimal.adjusted() - 1
    return float(Decimal(1).scaleb(min(exponent, most)))


def _differences(kept: Mapping[str, Any], other: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for field in COMPARED:
        one, two = kept[field], other[field]
        if agree(field, one, two):
            continue
        relative = None
        if not isinstance(one, datetime.date) and one:
            relative = (two - one) / one
        found.append(
            {
                "system": kept["system"],
                "benchmark": kept["benchmark"],
                "field": field,
                "kept_source": kept["source"],
                "kept_row": kept["source_row"],
                "kept_value": _shown(one),
                "other_source": other["source"],
                "other_row": other["source_row"],
                "other_value": _shown(two),
                "relative_difference": relative,
            }
        )
    return found
