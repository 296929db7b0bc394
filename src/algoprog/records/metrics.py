r"""Token-level perplexity from other measures of the same loss, where that is exact.

With *L* the loss of the whole test set in nats, *T* its tokens and *U* its units (words, bytes or
characters), as the source counts them, the perplexity of a token is

    P = exp(L / T),

and a measure m tells L / T:

    ================================  =====================
    perplexity                        ln m
    nats (per token)                  m
    log2 (bits per token)             m · ln 2
    word_perplexity, byte_perplexity  ln m · U / T
    bits_per_byte, _character         m · ln 2 · U / T
    ================================  =====================

A perplexity over words is no perplexity over tokens, so it too needs both counts; without them
nothing is converted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

# The unit a measure counts besides tokens, by measure.
UNITS: dict[str, str | None] = {
    "perplexity": None,
    "nats": None,
    "log2": None,
    "word_perplexity": "words",
    "byte_perplexity": "bytes",
    "bits_per_byte": "bytes",
    "bits_per_character": "characters",
}


def to_perplexity(
    metric: str, value: float, counts: Mapping[str, int | None] | None = None
) -> float:
    """Return the token-level perplexity of a measured value.

    Parameters
    ----------
    metric : str
        One of :data:`UNITS`.
    value : float
        The measure; a perplexity is returned as it is.
    counts : mapping, optional
        Of the test set: `tokens`, and the metric's unit.

    Raises
    ------
    ValueError
        saying what to do, if a count is missing or the result is no finite number.
    """
    if metric == "perplexity":
        return value
    unit = UNITS[metric]
    ratio = 1.0
    if unit is not None:
        tokens, units = ((counts or {}).get(name) for name in ("tokens", unit))
        if not tokens or not units:
            raise ValueError(f"give the test set's tokens and {unit}: {metric} needs both")
        ratio = units / tokens
    try:
        if metric.endswith("perplexity"):
            return math.exp(math.log(value) * ratio)
        return math.exp(value * (1.0 if metric == "nats" else math.log(2.0)) * ratio)
    except (OverflowError, ValueError):
        raise ValueError(f"give {metric} of a model: this one has no perplexity") from None
