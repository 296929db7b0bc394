"""Typed settings of the plain built-ins that a workflow tracks.

Snakemake tracks a rule's parameters only where they are plain built-ins. A script rebuilds from
them what the library takes: frozen dataclasses, checked against their annotations.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def rebuild(plain: object, kind: type[T]) -> T:
    """Return an object of ``kind`` made of plain built-ins.

    A type that is neither a built-in nor a dataclass is called with the plain value it stands for.

    Raises
    ------
    msgspec.ValidationError
        naming the path of a value that does not fit its annotation.
    """
    return msgspec.convert(plain, kind, dec_hook=_made)


def _made(kind: type[Any], value: object) -> Any:
    return kind(value)
