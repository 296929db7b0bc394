"""Parameters needed for a perplexity, by year, at some numbers of tokens."""

from __future__ import annotations

from algoprog.report.figures import frontiers as figure
from algoprog.report.inputs import Inputs, Row
from algoprog.report.section import Section

# Where along the range of tokens a frontier is tabulated.
PLACES = (1 / 6, 1 / 2, 5 / 6)


def frontiers(inputs: Inputs) -> Row | None:
    """Return parameters needed by perplexity and year, at some numbers of tokens."""
    table = inputs.rows("frontiers")
    if not table:
        return None
    tokens = sorted({row["dataset_tokens"] for row in table})
    chosen = sorted({tokens[round(place * (len(tokens) - 1))] for place in PLACES})
    lines: dict[tuple[float, float], Row] = {}
    for row in table:
        if row["dataset_tokens"] in chosen:
            line = lines.setdefault((row["perplexity"], row["year"]), {})
            line[row["dataset_tokens"]] = row["parameters"]
    return {
        "tokens": chosen,
        "rows": [
            {"perplexity": key[0], "year": key[1], "parameters": [line.get(d) for d in chosen]}
            for key, line in sorted(lines.items(), key=lambda item: (-item[0][0], item[0][1]))
        ],
    }


SECTION = Section("frontiers", frontiers, (figure.FIGURE,))
