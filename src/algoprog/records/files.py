"""Files of the project, read as they are: from nowhere else, and within a bound of size."""

from __future__ import annotations

import os.path
import stat
from pathlib import Path

from algoprog.common.errors import InputError
from algoprog.records.content import too_large
from algoprog.records.locations import OUTSIDE, inside
from algoprog.records.snapshots import Policy


def resolve(location: str, root: Path) -> Path:
    """Return the path of a file or directory of the project at `root`, or of where it is allowed.

    Links are followed, and what they lead to is judged (:mod:`algoprog.records.locations`).

    Raises
    ------
    InputError
        if it lies elsewhere, or is an address of a kind that is not read.
    """
    scheme, separator, _ = location.partition("://")
    if separator:
        raise InputError(location, "location", scheme, "give a path, or an http or https address")
    try:
        allowed = inside(root / location, root)
    except ValueError as error:  # a NUL in the path
        raise InputError(location, "location", str(error), "correct the path") from None
    if not allowed:
        raise InputError(location, "location", "outside the project", OUTSIDE)
    return Path(os.path.normpath(root.absolute() / location))


def read_file(location: str, root: Path, policy: Policy) -> bytes:
    """Return the content of a file that :func:`resolve` accepts.

    Raises
    ------
    InputError
        if it may not or cannot be read, is no plain file, or is larger than `policy.largest`.
    """
    path = resolve(location, root)
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe, or a device that never ends
            raise InputError(location, "location", "not a file", "give the path of a file")
        with path.open("rb") as file:
            content = file.read(policy.largest + 1)
    except FileNotFoundError:
        raise InputError(location, "location", "no such file", "correct the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        found = getattr(error, "strerror", None) or str(error)
        raise InputError(location, "location", found, "give a file that can be read") from None
    if len(content) > policy.largest:
        raise too_large(location, policy)
    return content
