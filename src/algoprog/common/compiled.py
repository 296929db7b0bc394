"""What numba keeps of compiled functions, mended: a file that a power cut has cut is removed.

numba reads its index (.nbi) and its machine code (.nbc) as pickles and ends with a traceback, in
every run, where one of them is cut short; without them it compiles again.
"""

from __future__ import annotations

import pickletools
from pathlib import Path

_PICKLES = {".nbi": 2, ".nbc": 1}  # that a file of each kind holds


def remove_cut_short(folder: Path) -> list[Path]:
    """Remove what numba cannot read again below a folder; return what was removed.

    Nothing in a file is run: it is looked at as a sequence of opcodes.
    """
    removed = []
    for path in sorted(folder.rglob("__pycache__/*.nb[ic]")):
        try:
            if _whole(path):
                continue
            path.unlink(missing_ok=True)
        except OSError:  # another's, or taken away just now
            continue
        removed.append(path)
    return removed


def _whole(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            for _ in range(_PICKLES[path.suffix]):
                for _ in pickletools.genops(file):
                    pass
        except (ValueError, IndexError, UnicodeError):
            return False
    return True
