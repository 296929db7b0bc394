"""Files of the project, read as they are: from nowhere else, and within a bound of size."""

from __future__ import annotations

import os.path
import stat
from pathlib import Path

from algoprog.common.errors import InputError
from algoprog.records.content import too_large
from algoprog.records.snapshots import Policy


def resolve(location: str, root: Path, policy: Policy) -> Path:
    """Return the path of a file or directory of the project at `root`, or in `policy.allow`.

    Links are not followed: a user may keep data elsewhere and link to it.

    Raises
    ------
    InputError
        if it lies elsewhere, or is an address of a kind that is not read.
    """
    scheme, separator, _ = location.partition("://")
    if separator:
        raise InputError(location, "location", scheme, "give a path, or an http or https address")
    path, base, *allowed = (
        os.path.normpath(root.absolute() / name) for name in (location, "", *policy.allow)
    )
    if not any(Path(path).is_relative_to(directory) for directory in (base, *allowed)):
        fix = "copy the file into it, or list its directory under `allow`"
        raise InputError(location, "location", "outside the project", fix)
    return Path(path)


def read_file(location: str, root: Path, policy: Policy) -> bytes:
    """Return the content of a file that :func:`resolve` accepts.

    Raises
    ------
    InputError
        if it may not or cannot be read, is no plain file, or is larger than `policy.largest`.
    """
    path = resolve(location, root, policy)
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
