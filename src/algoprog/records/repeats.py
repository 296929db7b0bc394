"""Evaluations that two sources seem to tell under different names.

Two records are suspected to be one evaluation if they are of different sources and names, of one
benchmark, and

- of one paper (by its title or its arXiv identifier), with scores that agree to the printed digits
  and dates that are near or unknown; or
- of one paper, with dates that are further apart (of a preprint and of the conference, say), or
  with a score that is the other's rounded to a whole number; or
- of different papers, with the same score, the same number of parameters and near dates: a number
  that one paper quotes from another.

Records of the first kind may count once; all others are told, and count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from algoprog.common.rows import Plain
from algoprog.records.agreement import agree
from algoprog.records.identity import Identity
from algoprog.records.names import arxiv_id, name_key
from algoprog.records.papers import same_paper
from algoprog.records.specification import Repeats

Because = Literal["paper", "paper_loosely", "parameters"]

_Mark = tuple[str, int, str | float]
# What two records differ in, the weightiest first; see `_distance`.
_Distance = tuple[bool, bool, float, bool, float]


@dataclass(frozen=True)
class Suspect:
    """A record that looks like an earlier source's, by their positions.

    Attributes
    ----------
    because : what the two share besides benchmark and score: the paper; the paper, with dates that
        are apart or a rounded score; or the number of parameters.
    counted : whether both count (twice), or the earlier source's alone (once).
    """

    position: int
    like: int
    because: Because
    counted: Literal["once", "twice"]

    def row(self, rows: Sequence[Plain]) -> Plain:
        """Return the row of the table ``suspected_repeats``."""
        here, there = rows[self.position], rows[self.like]
        return {
            **{name: here[name] for name in ("source", "source_row", "system", "benchmark")},
            "perplexity": here["perplexity"],
            "like_source": there["source"],
            "like_row": there["source_row"],
            "like_system": there["system"],
            "like_perplexity": there["perplexity"],
            "same": self.because,
            "days": _days(here, there),
            "counted": self.counted,
        }


def suspects(
    rows: Sequence[Plain],
    left: Sequence[int],
    rank: Mapping[str, int],
    identity: Identity,
    repeats: Repeats,
) -> Iterator[Suspect]:
    """Yield the records that look like one of an earlier source, each once, in order.

    Only a record of the same paper counts once, and only where `suspected` says so. Each record
    of a source stands for one record of another source at most: the nearest in score, then
    in parameters, then in date.

    Parameters
    ----------
    rows : the records.
    left : positions of those that are compared.
    rank : place of each source, the one that counts first at 0.
    identity : of the records: those declared distinct are left out.
    repeats : what the configuration says.
    """
    scored = [position for position in left if rows[position]["benchmark"] is not None]
    by_mark: dict[_Mark, list[int]] = defaultdict(list)
    for position in scored:
        for mark in _marks(rows[position]):
            by_mark[mark].append(position)
    pairs = []
    for position in scored:
        row = rows[position]
        if identity.distinct[position]:
            continue
        alike = dict.fromkeys(p for mark in _near(row) for p in by_mark.get(mark, ()))
        for like in alike:
            if rank.get(rows[like]["source"], 0) < rank.get(row["source"], 0):
                because = _because(row, rows[like], repeats.days)
                if because:
                    first = rank.get(row["source"], 0)
                    pairs.append((first, _distance(row, rows[like]), position, like, because))
    yield from sorted(_paired(pairs, rows, repeats.suspected), key=lambda one: one.position)


def _paired(
    pairs: list[tuple[int, _Distance, int, int, Because]],
    rows: Sequence[Plain],
    suspected: Literal["once", "twice"],
) -> Iterator[Suspect]:
    taken: set[int] = set()
    stands: set[tuple[int, str]] = set()
    for _, _, position, like, because in sorted(pairs):
        stood = (like, rows[position]["source"]) in stands
        if not stood and taken.isdisjoint((position, like)):
            taken.add(position)
            stands.add((like, rows[position]["source"]))
            yield Suspect(position, like, because, suspected if because == "paper" else "twice")


def _marks(row: Plain) -> Iterator[_Mark]:
    """What a record is found by: each name of its paper, and its size, with its whole score."""
    paper, arxiv = name_key(row["paper"]), arxiv_id(row["url"])
    for mark in (paper, arxiv and f"arXiv {arxiv}", row["parameters"]):
        if mark is not None:
            yield row["benchmark"], round(row["perplexity"]), mark


def _near(row: Plain) -> Iterator[_Mark]:
    """What a record is found by that is like this one: its score may be up to one off."""
    for benchmark, whole, mark in _marks(row):
        for score in (whole - 1, whole, whole + 1):
            yield benchmark, score, mark


def _because(one: Plain, other: Plain, days: int) -> Because | None:
    """What makes two records of one benchmark look like one evaluation; None if nothing."""
    apart = _days(one, other)
    if same_paper(one, other):
        if agree("perplexity", one["perplexity"], other["perplexity"]):
            return "paper" if apart is None or apart <= days else "paper_loosely"
        return "paper_loosely" if _rounded(one["perplexity"], other["perplexity"]) else None
    equal = all(one[name] == other[name] is not None for name in ("perplexity", "parameters"))
    return "parameters" if equal and apart is not None and apart <= days else None


def _rounded(one: float, other: float) -> bool:
    """Whether one of two scores is the other, rounded to a whole number."""
    whole = one == round(one) or other == round(other)
    return whole and abs(one - other) <= 0.5


def _days(one: Plain, other: Plain) -> int | None:
    """Days between two dates; None where one is unknown."""
    first, second = one["published"], other["published"]
    return None if first is None or second is None else abs((first - second).days)


def _distance(one: Plain, other: Plain) -> _Distance:
    """How far two records are from being one: less comes first."""
    apart = _days(one, other)
    return (
        not same_paper(one, other),
        not agree("perplexity", one["perplexity"], other["perplexity"]),
        abs(one["perplexity"] - other["perplexity"]),
        not agree("parameters", one["parameters"], other["parameters"]),
        float("inf") if apart is None else float(apart),
    )
