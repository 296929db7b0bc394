"""A strict, frozen section of settings, and the scalars every section may hold.

It knows no section of `config.yaml`: records of snapshots are sections too.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Above these no number is meant: a count, and a number of things to compute or to make.
LARGEST, MOST, MOST_JOBS = 10**15, 10**7, 10**4
BOUNDS = (LARGEST, MOST, MOST_JOBS)

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1, le=LARGEST)]
JobCount = Annotated[int, Field(ge=1, le=MOST_JOBS)]


class Section(BaseModel):
    """A part of the configuration: immutable, strictly typed, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
