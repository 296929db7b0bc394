"""Algorithmic progress in language models: how fast a fixed loss gets cheaper to train.

What a notebook needs is here and is imported when it is first asked for::

    import algoprog as ap

    records = ap.read_records("data/raw/lm_evaluations.csv")
    sample = records.sample(ap.PAPER_SAMPLE)
    fit = ap.variant("m07").on(sample).fit(delta=0.0025)
    fit.doubling_time().months
    fit.bootstrap(1000, by="papers").interval(0.95)

:mod:`algoprog.api` says what each of them is.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

# Names of algoprog.api, and what is made when it is asked for: constants by the functions that
# make them.
_NAMES = (
    "Bootstrap",
    "DoublingTime",
    "Fit",
    "Interval",
    "Model",
    "Records",
    "Sample",
    "SampleSpec",
    "Variant",
    "read_records",
    "sample_spec",
    "variant",
    "variants",
)
_CONSTANTS = {"PAPER_SAMPLE": "paper_sample"}

if TYPE_CHECKING:
    from algoprog.records.sample import SampleSpec

    PAPER_SAMPLE: SampleSpec


def __getattr__(name: str) -> Any:
    """Return what a notebook asks for; it is imported now."""
    if name in _NAMES:
        return getattr(importlib.import_module("algoprog.api"), name)
    if name in _CONSTANTS:
        return getattr(importlib.import_module("algoprog.api"), _CONSTANTS[name])()
    raise AttributeError(f"module 'algoprog' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return what a notebook may ask for."""
    return sorted([*_NAMES, *_CONSTANTS, "__version__"])
