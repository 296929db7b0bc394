"""What numba loads, and what it keeps of compiled functions, mended.

numba loads more than our functions need (:func:`load_numba`), and files that it keeps may be cut
short or of other code; these are removed.

numba reads its index (.nbi) and its machine code (.nbc) as pickles and ends with a traceback, in
every run, where one of them is cut short. It compiles a function again when the function's own file
has another date, but not when that of a function has which it calls and holds a copy of. Without
the files it compiles again.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pickletools
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_SOURCES = "compiled-from.sha256"
_PICKLES = {".nbi": 2, ".nbc": 1}  # that a file of each kind holds
_ARRAYS, _BLAS = "numba.np.arraymath", "scipy.linalg"


def load_numba() -> None:
    """Load what numba loads before its first compiled function runs, but for scipy.linalg.

    numba looks there for a BLAS, and does without for all but products of matrices, which no
    compiled function of ours takes: it has loops in their place. To import scipy.linalg takes
    longer than to import numba itself, in each of the many jobs that fit. Whoever imports it later
    has it whole.
    """
    if _ARRAYS in sys.modules or _BLAS in sys.modules:
        return
    sys.modules[_BLAS] = None  # type: ignore[assignment]  # Python then says that it is not there
    try:
        importlib.import_module(_ARRAYS)
    finally:
        del sys.modules[_BLAS]


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


def remove_of_other_sources(package: Path, sources: Iterable[Path]) -> list[Path]:
    """Remove what numba keeps of a package, once ``sources`` are not those it was compiled from.

    A source is a file, or a folder with its modules. Return what was removed. The digest of the
    sources is kept beside the files; where none is, they go. A folder that cannot be written is
    left as it is.
    """
    files = [file for path in sources for file in (sorted(path.glob("*.py")) or [path])]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    cache = package / "__pycache__"
    kept = cache / _SOURCES
    with suppress(OSError):
        if kept.read_text(encoding="ascii") == digest:
            return []
    removed = []
    with suppress(OSError):
        for path in sorted(cache.glob("*.nb[ic]")):
            path.unlink(missing_ok=True)
            removed.append(path)
        cache.mkdir(exist_ok=True)
        temporary = cache / f"{_SOURCES}.{os.getpid()}"
        temporary.write_text(digest, encoding="ascii")
        temporary.replace(kept)
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
