"""Which innovations made a fixed target cheaper: records by kind, and the largest of them."""

from __future__ import annotations

from algoprog.report.figures import record_waterfall
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.sections.histories import of_track, shown_track

LARGEST = 8


def innovations(inputs: Inputs) -> Row | None:
    """Return the shares of each kind of innovation and the largest gains; None without records.

    ``parts`` counts each record as its first kind, the largest share first.
    """
    headlines = [row for row in inputs.rows("record_rates") if row["variant"] == "headline"]
    if not headlines:
        return None
    about = shown_track(inputs, headlines)
    key = about["track"], about["measure"]
    gains = of_track(inputs, "record_gains", *key)
    if not gains:
        return None
    shares = [
        row for row in of_track(inputs, "record_shares", *key) if row["counting"] == "primary"
    ]
    return {
        "about": about,
        "parts": sorted(shares, key=lambda row: -row["share"]),
        "largest": sorted(gains, key=lambda row: row["rank"])[:LARGEST],
        "unlabelled": [r for r in inputs.rows("record_gains") if r["category"] == "unlabelled"],
    }


SECTION = Section("innovations", innovations, (record_waterfall.FIGURE,))
