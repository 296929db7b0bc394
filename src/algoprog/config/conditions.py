"""Conditions in the configuration: their grammar, and which columns they may name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, get_args

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from algoprog.common.section import Text
from algoprog.config.types import RecordField
from algoprog.records.conditions import columns_of, parse
from algoprog.records.tokens import ConditionError

# What conditions on records may name, and conditions on the rows of a sample
# (:data:`algoprog.records.sample.COLUMNS`, with the calendar year as a real number).
RECORD_COLUMNS: tuple[str, ...] = get_args(RecordField)
SAMPLE_COLUMNS = (
    "row",
    *(
        name
        for name in get_args(RecordField)
        if name not in ("url", "include", "outlier", "uncertain")
    ),
    "perplexity_first_available",
    "year",
)


def unknown_columns(condition: str, known: Iterable[str]) -> list[str]:
    """Return the names in a condition that are no column, each once."""
    there = set(known)
    return [name for name in dict.fromkeys(columns_of(parse(condition))) if name not in there]


def _condition(value: str) -> str:
    try:
        parse(value)
    except ConditionError as error:
        words = {"wrong": error.wrong, "fix": error.fix}
        raise PydanticCustomError("condition", "{wrong}; {fix}", words) from None
    return value


Condition = Annotated[Text, AfterValidator(_condition)]
