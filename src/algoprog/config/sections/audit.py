"""Published numbers beside ours."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from algoprog.common.section import MOST, Section
from algoprog.config.references import Ref
from algoprog.config.types import Location, Name, Positive


class PublishedNoise(Section):
    """How much the published procedure moves with its starts: repetitions, moved by so much."""

    repetitions: Annotated[int, Field(ge=3, le=MOST)]
    pool_repetitions: Annotated[int, Field(ge=3, le=MOST)] = Field(
        description="Of each member of the published pool."
    )
    size: Positive


class AuditedPools(Section):
    """The pools beside the published ten best."""

    published: Annotated[Name, Ref("pools")]
    converged: Annotated[Name, Ref("pools")]


class Audit(Section):
    """Published numbers beside ours."""

    enabled: bool = True
    published: Location = Field(description="File of published numbers.")
    pools: AuditedPools
    noise: PublishedNoise
