"""One title for a paper that several sources cite, so that it is one paper for samples and draws.

Titles are compared as loosely as names, and those of several sources also by the arXiv identifier
of the link. Within a source two titles of one identifier stay two papers, for a link may be wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from algoprog.common.rows import Plain
from algoprog.records.names import arxiv_id, name_key

CORRECTION = "same_paper"


@dataclass
class _Known:
    """Titles that were cited before, by their key and by arXiv identifier.

    Attributes
    ----------
    titles : by key of the title, or by arXiv identifier: the source, and the title there.
    """

    titles: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, rows: Sequence[Plain]) -> None:
        """Add the papers of a source; an identifier only where it is the one of a single title."""
        papers: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            arxiv = arxiv_id(row["url"])
            self.titles.setdefault(name_key(row["paper"]), (row["source"], row["paper"]))
            papers[row["paper"]] |= {arxiv} if arxiv else set()
        of = {row["paper"]: row["source"] for row in rows}
        for title, ids in papers.items():
            if len(ids) == 1:
                self.titles.setdefault(f"arXiv {next(iter(ids))}", (of[title], title))

    def title(self, row: Plain) -> tuple[str, str] | None:
        """Return source and title by which a record's paper is known, if it is."""
        arxiv = arxiv_id(row["url"])
        return self.titles.get(name_key(row["paper"])) or self.titles.get(f"arXiv {arxiv}")


def one_title(
    records: pl.DataFrame, precedence: Sequence[str], identity: Sequence[str]
) -> tuple[pl.DataFrame, list[Plain]]:
    """Return records whose papers have the title by which they are cited first.

    Also returned are rows of the table ``corrections`` that say what was changed.

    Parameters
    ----------
    records : the fields of a record.
    precedence : the sources, the one that counts first.
    identity : the fields that say which record it is.
    """
    rows = records.select(*identity, "paper", "url").to_dicts()
    known, log = _Known(), list[Plain]()
    papers = records["paper"].to_list()
    for source in precedence:
        own = [position for position, row in enumerate(rows) if row["source"] == source]
        here: dict[str, tuple[str, str]] = {}
        for position in own:
            row = rows[position]
            first = here.setdefault(name_key(row["paper"]), (source, row["paper"]))
            found = known.title(row) or first
            if found[1] != row["paper"]:
                papers[position] = found[1]
                said = {"field": "paper", "old": row["paper"], "new": found[1]}
                reason = f"source {found[0]} has this paper under the new title"
                entry = {name: row[name] for name in identity}
                log.append({"correction": CORRECTION, **entry, **said, "reason": reason})
        known.add([{**rows[position], "paper": papers[position]} for position in own])
    return records.with_columns(pl.Series("paper", papers, pl.String)), log


def same_paper(one: Plain, other: Plain) -> bool:
    """Return whether two records are of one paper, by its title or its arXiv identifier."""
    first, second = arxiv_id(one["url"]), arxiv_id(other["url"])
    return name_key(one["paper"]) == name_key(other["paper"]) or (
        first is not None and first == second
    )
