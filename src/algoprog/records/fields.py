"""The fields of a record (docs/method.md, section 1): type, unit, which values are possible."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from algoprog.common.days import FIRST_DAY, LAST_DAY


@dataclass(frozen=True)
class Field:
    """One field of a record.

    kind      text, integer, number or date
    meaning   what it holds, with its unit
    required  whether it may not be blank
    least     the smallest value, itself possible unless `above`
    greatest  the largest value
    values    the only values there are
    """

    kind: Literal["text", "integer", "number", "date"]
    meaning: str
    required: bool = False
    least: float | datetime.date | None = None
    greatest: float | datetime.date | None = None
    above: bool = False
    values: tuple[float, ...] | None = None

    @property
    def expected(self) -> str:
        """What a valid value is, in words."""
        noun = {"text": "text", "integer": "a whole number", "number": "a number", "date": "a date"}
        words = noun[self.kind]
        if self.values is not None:
            words = " or ".join(f"{value:g}" for value in self.values)
        if self.least is not None:
            words += f" {'above' if self.above else 'of at least'} {self.least}"
        if self.greatest is not None:
            words += f" and at most {self.greatest}"
        return words if self.required else f"{words}, or blank"


_FLAG = (0.0, 1.0)

# In the order a table of records has them.
FIELDS: dict[str, Field] = {
    "source": Field("text", "name of the source", required=True),
    "source_row": Field("integer", "number of the system's entry in the source", True, least=1),
    "system": Field("text", "name of the system", required=True),
    "paper": Field("text", "title of the paper", required=True),
    "url": Field("text", "link to the paper"),
    "published": Field(
        "date",
        "date of publication",
        least=FIRST_DAY,
        greatest=LAST_DAY,
    ),
    "architecture": Field("text", "transformer, recurrent, ... in lower case"),
    "benchmark": Field("text", "test set, as named in the configuration"),
    "perplexity": Field("number", "token-level test perplexity", least=1),
    "parameters": Field("number", "parameters, count", least=0),
    "dataset_tokens": Field("number", "tokens of the training set, seen once", least=0),
    "epochs": Field("number", "passes over the training set", least=0, above=True),
    "vocabulary": Field("number", "vocabulary, tokens", least=1),
    "training_compute": Field("number", "training compute, FLOP", least=0, above=True),
    "zero_shot": Field(
        "number",
        "1 not trained on the benchmark, 0 trained on it, 0.5 between",
        values=(0.0, 0.5, 1.0),
    ),
    "uses_cache": Field("number", "1 cache or dynamic evaluation at test time", values=_FLAG),
    "include": Field("number", "0 left out by the compilers", values=_FLAG),
    "outlier": Field("number", "1 an outlier, by the compilers", values=_FLAG),
    "uncertain": Field("number", "1 uncertain, by the compilers", values=_FLAG),
}

# A number of a source that no field holds: it serves variables of formulas and conditions.
EXTRA = Field("number", "a number that a source has besides")


def fields_with(extra: Iterable[str]) -> dict[str, Field]:
    """Return the fields of a record, and those a source has besides."""
    return FIELDS | dict.fromkeys(extra, EXTRA)


# What belongs to the system, hence is the same in all of an entry's records.
ENTRY_FIELDS = (
    "system",
    "paper",
    "published",
    "architecture",
    "parameters",
    "dataset_tokens",
)
