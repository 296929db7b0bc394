"""What is expected at the address of a source: of evaluations, of record histories, of capability.

It knows which part of the product reads a source; the part knows how. It downloads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from algoprog.capability.acquire import score_origin
from algoprog.common.rows import Plain
from algoprog.histories.acquire import history_origin
from algoprog.records.content import Origin
from algoprog.records.sources import origin
from algoprog.records.specification import Source


def expected(part: str, name: str, spec: Plain, benchmarks: Sequence[str] | None = None) -> Origin:
    """Return what is expected at the address of a source.

    Parameters
    ----------
    part : str
        `histories`, `capability`, or `records` of evaluations.
    name, spec : str, mapping
        The source, and its entry in the configuration.
    benchmarks : sequence of str, optional
        Configured benchmarks: with these every evaluation must be readable.
    """
    if part == "histories":
        return history_origin(name, spec)
    if part == "capability":
        return score_origin(name, spec)
    return origin(Source.of(name, spec), benchmarks)
