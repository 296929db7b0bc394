"""The types a configuration is made of: names, formulas, numbers, and a strict section.

It knows what a single entry may be; it knows no section of `config.yaml`.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from algoprog.common.grammar import FormulaError
from algoprog.common.section import Text
from algoprog.model import formula as model
from algoprog.records.locations import LONGEST, check_address
from algoprog.records.snapshots import is_url

Estimator = Literal["published", "converged"]
Resampling = Literal["rows", "papers"]
Response = Literal["own", "first_available"]
Scheme = Literal["published_split", "rows", "papers"]

# The fields of a record (docs/method.md, section 1), in the order they are stored.
RecordField = Literal[
    "source",
    "source_row",
    "system",
    "paper",
    "url",
    "published",
    "architecture",
    "benchmark",
    "perplexity",
    "parameters",
    "dataset_tokens",
    "epochs",
    "vocabulary",
    "training_compute",
    "zero_shot",
    "uses_cache",
    "include",
    "outlier",
    "uncertain",
]

LONGEST_NAME = 80  # characters
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def _name(value: str) -> str:
    if len(value) > LONGEST_NAME:
        raise PydanticCustomError(
            "name",
            "use at most {most} characters: the name becomes part of file names",
            {"most": LONGEST_NAME},
        )
    if not _NAME.fullmatch(value):
        raise PydanticCustomError(
            "name", "use letters, digits, _ and - only: the name becomes part of file names"
        )
    return value


# What a table of draws holds besides the parameters (algoprog.estimators.fit_tables.DRAW_COLUMNS).
RESERVED = ("replicate", "objective", "subgradient", "n_starts", "n_at_best")


def _parameter(value: str) -> str:
    if value in RESERVED:
        raise PydanticCustomError("parameter", "choose another name: tables of draws use this one")
    if not _PARAMETER.fullmatch(value):
        raise PydanticCustomError("parameter", "start with a letter; use letters, digits and _")
    return value


def distinct(values: list[Any]) -> list[Any]:
    """The list, refused if it names an item twice (an AfterValidator)."""
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise PydanticCustomError(
            "repeated", "name each item once: {items} repeated", {"items": ", ".join(repeated)}
        )
    return values


def _any_formula(value: str | int) -> str | int:
    """A formula, whatever it names."""
    try:
        model.Formula(value).parsed  # noqa: B018
    except FormulaError as error:
        raise PydanticCustomError(
            "formula", "{wrong}; {fix}", {"wrong": error.wrong, "fix": error.fix}
        ) from None
    return value


def _formula(value: str | int) -> str | int:
    unknown = model.Formula(_any_formula(value)).unknown
    if unknown:
        raise PydanticCustomError(
            "variable",
            "no such variable: {unknown}; use {known}",
            {"unknown": ", ".join(unknown), "known": ", ".join(model.VARIABLES)},
        )
    return value


def _location(value: str) -> str:
    if len(value) > LONGEST or "\0" in value or any(len(part) > 255 for part in value.split("/")):
        raise PydanticCustomError("location", "no path or address; give a shorter one")
    wrong = check_address(value) if is_url(value) else None
    if wrong:
        raise PydanticCustomError("location", "{wrong}", {"wrong": wrong})
    return value


def _date_format(value: str) -> str:
    fix = "give a format of strptime that has each part of a date once, such as %d %B %Y"
    if len(value) > LONGEST_NAME:
        raise PydanticCustomError("date_format", "{fix}", {"fix": fix})
    try:
        datetime.datetime.strptime("", value)
    except re.error:
        raise PydanticCustomError("date_format", "{fix}", {"fix": fix}) from None
    except ValueError as error:
        if "does not match" not in str(error):
            raise PydanticCustomError("date_format", "{fix}", {"fix": fix}) from None
    return value


DateFormat = Annotated[Text, AfterValidator(_date_format)]
Location = Annotated[Text, AfterValidator(_location)]
Name = Annotated[str, AfterValidator(_name)]
Parameter = Annotated[str, AfterValidator(_parameter)]
Formula = Annotated[str | int, AfterValidator(_formula)]
# May name variables of the configuration too, which are checked with it.
OpenFormula = Annotated[str | int, AfterValidator(_any_formula)]
Delta = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
# Also as text in ISO form, which a dump of the configuration holds.
Date = Annotated[datetime.date, Field(strict=False)]
# The order of the members decides which one a YAML scalar becomes; `strict` keeps each its own.
Scalar = str | bool | int | Number | datetime.date | None

# Keys that have been given another name: what to write in their place.
RENAMED = {
    "keep": "include",
    "data": "tokens: seen for d_seen, tokens: effective for d_effective",
}

# Keys that are no longer the configuration's to say: the person who runs it says so instead.
OF_THE_ENVIRONMENT = {
    "acquisition.allow": "list the directories in the environment: ALGOPROG_ALLOW=DIRECTORY make",
    "bayes.cmdstan": "name the folder in the environment: CMDSTAN=DIRECTORY make bayes",
}
