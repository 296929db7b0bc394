"""Each published number beside ours, and the known defects."""

from __future__ import annotations

from collections.abc import Iterator

from algoprog.audit.known_defects import DEFECTS
from algoprog.audit.reproduction import CLOSE_NOISES, CLOSE_RELATIVE, EXACT_RELATIVE, NOT_DETERMINED
from algoprog.report.figures import reproduction as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section
from algoprog.report.settings import Noise

VERDICTS = ("exact", "close", "differs")


def audit(inputs: Inputs) -> Row | None:
    """Return the rows of the audit; None without both of its tables.

    ``sections`` are the rows of `reproduction` by section of the paper, ``open`` unless all are
    scores of cross-validation; ``counts`` are by verdict, but for defects.
    """
    if not {"reproduction", "defects"} & set(inputs.tables):
        return None
    rows = inputs.rows("reproduction")
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
            {"name": figure.section_title(name), "open": not scores, "rows": members}
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
    table = inputs.tables.get("defects")
    if table is None:
        return
    for (number,), rows in table.group_by("defect", maintain_order=True):
        known = DEFECTS.get(int(str(number)))
        yield {
            "number": number,
            "title": rows["title"][0],
            "text": known.said(noise.size, noise.repetitions) if known else "",
            "rows": rows.to_dicts(),
        }


SECTION = Section("audit", audit, (figure.FIGURE,), title="Reproduction and defects")
