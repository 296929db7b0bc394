"""Perplexity from other measures of the same loss."""

from __future__ import annotations

import math

import pytest

from algoprog.records.metrics import UNITS, to_perplexity

# A model of this loss on a test set of these counts, measured in every way.
LOSS = 3.2e5  # nats, all of the test set
COUNTS = {"tokens": 100_000, "words": 80_000, "bytes": 430_000, "characters": 420_000}
MEASURED = {
    "perplexity": math.exp(LOSS / COUNTS["tokens"]),
    "nats": LOSS / COUNTS["tokens"],
    "log2": LOSS / COUNTS["tokens"] / math.log(2),
    "word_perplexity": math.exp(LOSS / COUNTS["words"]),
    "byte_perplexity": math.exp(LOSS / COUNTS["bytes"]),
    "bits_per_byte": LOSS / COUNTS["bytes"] / math.log(2),
    "bits_per_character": LOSS / COUNTS["characters"] / math.log(2),
}


def test_every_metric_is_tried() -> None:
    assert set(MEASURED) == set(UNITS)


@pytest.mark.parametrize("metric", MEASURED)
def test_all_measures_of_one_loss_are_one_perplexity(metric: str) -> None:
    got = to_perplexity(metric, MEASURED[metric], COUNTS)
    assert got == pytest.approx(math.exp(3.2), rel=1e-12)


def test_a_perplexity_is_not_touched() -> None:
    assert to_perplexity("perplexity", 20.1) == 20.1


def test_a_published_run_of_the_harness() -> None:
    """Llama 2 7B on wikitext, as published in an issue of the harness: the two measures are of one
    loss over 241335 words and 1290527 bytes."""
    counts = {"tokens": 245569, "words": 241335, "bytes": 1290527}
    by_words = to_perplexity("word_perplexity", 8.792073612124492, counts)
    by_bytes = to_perplexity("bits_per_byte", 0.5864857250704371, counts)
    assert by_words == pytest.approx(by_bytes, rel=1e-12)
    assert 8.4 < by_words < 8.792073612124492  # there are more tokens than words


@pytest.mark.parametrize("metric", [metric for metric, unit in UNITS.items() if unit])
@pytest.mark.parametrize("missing", ["tokens", "unit"])
def test_no_conversion_without_counts(metric: str, missing: str) -> None:
    unit = UNITS[metric] if missing == "unit" else "tokens"
    counts = {name: None if name == unit else count for name, count in COUNTS.items()}
    with pytest.raises(ValueError, match=f"tokens and {UNITS[metric]}"):
        to_perplexity(metric, 1.5, counts)
    with pytest.raises(ValueError, match="tokens"):
        to_perplexity(metric, 1.5)


@pytest.mark.parametrize(
    ("metric", "value"), [("nats", 1e4), ("log2", 1e300), ("word_perplexity", 0.0)]
)
def test_what_is_no_perplexity(metric: str, value: float) -> None:
    with pytest.raises(ValueError, match="no perplexity"):
        to_perplexity(metric, value, COUNTS)
