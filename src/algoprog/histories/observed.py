"""Direct observation as record histories: later systems at a reference's perplexity.

The target is the perplexity of a reference system, the cost the training compute of systems that
reach it. The comparison of systems is that of :mod:`algoprog.quantities.direct_observation`; gains,
windows and intervals are those of every other track.
"""

from __future__ import annotations

import datetime

import polars as pl

from algoprog.common.rows import Plain
from algoprog.histories.fields import BASELINE, UNLABELLED
from algoprog.histories.history import Entry, History, Track, history
from algoprog.quantities.direct_observation import comparable, with_compute


def observed_histories(sample: pl.DataFrame, spec: Plain, benchmark: str) -> list[History]:
    """Return a history for each reference and kind of compute that has a later system.

    Parameters
    ----------
    sample : DataFrame
        Rows of a sample.
    spec : mapping
        The configuration's section `direct_observation`.
    benchmark : str
        On which perplexities are compared.

    Notes
    -----
    The window ends with the sample's last publication: until then the record was watched.
    """
    until: datetime.date = sample["published"].max()  # type: ignore[assignment]
    found = []
    for kind in spec["compute"]:
        systems = with_compute(sample, kind, benchmark)
        for reference, factor in spec["references"].items():
            rows = comparable(systems, reference, factor)
            if rows.height < 2:
                continue
            track = Track(
                name=f"{reference} ({kind})",
                title=f"Perplexity of {reference}, {kind} compute",
                measure="cost",
                unit="FLOP",
                hardware_fixed=True,
                observed_until=until,
            )
            entries = [
                Entry(
                    name=row["system"],
                    published=row["published"],
                    value=row["compute"],
                    label=row["system"],
                    category=UNLABELLED if position else BASELINE,
                    categories=(UNLABELLED if position else BASELINE,),
                )
                for position, row in enumerate(rows.iter_rows(named=True))
            ]
            found.append(history(track, entries, "cost"))
    return found
