"""Each published number beside ours, and the known defects."""

from __future__ import annotations

from collections.abc import Iterator

from algoprog.audit.known_defects import DEFECTS
from algoprog.audit.reproduction import (
    CLOSE_NOISES,
    CLOSE_RELATIVE,
    EXACT_RELATIVE,
    NOT_DETERMINED,
    of_analysis,
)
from algoprog.audit.tables import PAPER
from algoprog.report.figures import reproduction as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.settings import Noise

VERDICTS = ("exact", "close", "differs")
REPRODUCED = VERDICTS[:2]


def audit(inputs: Inputs) -> Row | None:
    """Return the rows of the audit; None without both of its tables.

    ``sections`` are the rows of `reproduction` by section of the paper, ``scores`` where they are
    scores of cross-validation, ``open`` where others do not come out again;
    ``counts`` are by verdict, but for defects.
    """
    if not {"reproduction", "defects"} & set(inputs.tables):
        return None
    rows = of_analysis(inputs.rows("reproduction"), PAPER)
    sections: dict[tuple[str, bool], list[Row]] = {}
    for row in rows:
        sections.setdefault((row["section"], row["id"].startswith("cv.")), []).append(row)
    verdicts = [row["verdict"] for row in rows]
    wrong = [name for name in verdicts if name.startswith("defect")]
    noise = inputs.settings.audit.noise
    return {
        "n": len(rows),
        "counts": {name: verdicts.count(name) for name in VERDICTS},
        "wrong": len(wrong),
        "wrong_by": sorted(set(wrong), key=lambda name: (len(name), name)),
        "not_determined": verdicts.count(NOT_DETERMINED),
        "unexplained": sum(
            row["verdict"] == "differs" and row["note"] == "unexplained" for row in rows
        ),
        "sections": [
            {
                "name": figure.section_title(name),
                "scores": scores,
                "open": not scores and any(row["verdict"] not in REPRODUCED for row in members),
                "rows": members,
            }
            for (name, scores), members in sections.items()
        ],
        "exact_relative": EXACT_RELATIVE,
        "close_noises": CLOSE_NOISES,
        "close_relative": CLOSE_RELATIVE,
        "noise": noise,
        "defects": list(_defects(inputs, noise)),
    }


def _defects(inputs: Inputs, noise: Noise) -> Iterator[Row]:
    """Return the known defects, each with what it is and its numbers."""
    rows = of_analysis(inputs.rows("defects"), PAPER)
    for number in dict.fromkeys(row["defect"] for row in rows):
        known, own = DEFECTS.get(int(number)), [row for row in rows if row["defect"] == number]
        yield {
            "number": number,
            "title": own[0]["title"],
            "text": known.said(noise.size, noise.repetitions) if known else "",
            "rows": own,
        }


SECTION = Section("audit", audit, (figure.FIGURE,))
