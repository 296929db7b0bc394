"""What a setting of the checks is called, whether data reject its fit, and what else it changes.

A row is one of the table `sensitivity`; the headline is its row of the same estimator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from algoprog.report.figures.parts.rows import Row
from algoprog.report.reading import worse
from algoprog.report.words import RESPONSES
from algoprog.robustness.names import HEADLINE

_SAME_OBJECTIVE = ("estimator", "n", "delta", "response")
# Checks that are not about which rows are fitted.
_SAME_ROWS = (
    "effective_data",
    "exponents",
    "irreducible_loss",
    "loss",
    "tokens_seen",
    "vocabulary",
)
# Checks that are about a column, besides the check of its name.
_OWN: dict[str, tuple[str, ...]] = {
    "variant": (
        "equal_progress",
        "exponents",
        "form",
        "tokens_seen",
        "effective_data",
        "vocabulary",
    ),
    "delta": ("penalty",),
    "response": ("sample", "benchmark"),
}
# The settings of the configuration in words; any other is called by its names.
_SAID = {
    **{("response", name): said for name, said in RESPONSES.items()},
    ("models_per_paper", "one"): "one system of a paper",
    ("models_per_paper", "three"): "three systems of a paper",
    ("models_per_paper", "all"): "every system of a paper",
    ("architecture", "transformers"): "transformers alone",
    ("dates", "after_mid_2017"): "published after mid 2017",
    ("zero_shot", "without"): "without zero-shot results",
    ("zero_shot", "not_certain"): "sure zero-shot left out",
    ("cache", "without"): "without cache models",
    ("outliers", "kept"): "outliers kept",
    ("vocabulary", "known"): "vocabulary, known",
    ("vocabulary", "imputed"): "vocabulary, imputed",
    ("tokens_seen", "known"): "tokens seen, known",
    ("tokens_seen", "imputed"): "tokens seen, imputed",
    ("effective_data", "known"): "effective data, known",
    ("effective_data", "imputed"): "effective data, imputed",
    ("irreducible_loss", "fitted"): "irreducible loss fitted",
    ("exponents", "besiroglu_2024"): "exponents of Besiroglu",
    ("exponents", "besiroglu_2024_irreducible"): "Besiroglu’s, irreducible loss",
    ("loss", "huber"): "Huber’s loss",
    ("loss", "correlated"): "errors shared in papers",
    ("resampling", "rows"): "rows resampled",
    ("resampling", "papers"): "papers resampled",
}


def setting(check: str, name: str, labels: Mapping[str, str]) -> str:
    """Return a setting of a check in words; ``labels`` are those of the benchmarks."""
    if check == HEADLINE:
        return "the headline’s choices"
    if (check, name) in _SAID:
        return _SAID[check, name]
    number = re.sub(r"^(\d+)-(\d+)$", r"\1.\2", name)
    if check == "benchmark":
        without = name.removeprefix("without_")
        of = labels.get(without, without)
        return f"{of} alone" if without == name else f"without {of}"
    if check == "delta":
        return f"δ = {number}"
    if check == "irreducible_loss":
        return f"irreducible loss {number}"
    if check == "equal_progress":
        return f"equal progress ({name})"
    return f"{check}: {number}".replace("_", " ")


def label(row: Row, labels: Mapping[str, str]) -> str:
    """Return what a row is called, with the benchmark where growth differs between them."""
    of = row["benchmark"]
    text = setting(row["check"], row["setting"], labels)
    return text if of in {None, "all"} else f"{text}, on {labels.get(of, of)}"


def rejected(row: Row, headline: Row | None) -> bool:
    """Return whether the data reject a setting's fit: much worse on the headline's own rows.

    Fits to other rows, another response or another penalty have objectives of another kind.
    """
    if headline is None or any(row.get(name) != headline.get(name) for name in _SAME_OBJECTIVE):
        return False
    return worse(row.get("objective"), headline.get("objective"))


def also_changed(row: Row, headline: Row | None) -> list[str]:
    """Return what a setting changes besides its check: variant, delta, response, or the rows."""
    if headline is None or row["check"] == HEADLINE:
        return []
    rows = ["rows"] if row["check"] in _SAME_ROWS and row.get("n") != headline.get("n") else []
    return rows + [
        f"{name} {row.get(name)}"
        for name in ("variant", "delta", "response")
        if row.get(name) != headline.get(name)
        and row["check"] != name
        and row["check"] not in _OWN[name]
    ]
