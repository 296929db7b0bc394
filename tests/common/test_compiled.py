"""Files of numba's cache that were cut short."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from algoprog.common.compiled import remove_cut_short, remove_of_other_sources


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "package/__pycache__"
    folder.mkdir(parents=True)
    index = pickle.dumps("0.62") + pickle.dumps(({"a": 1}, {("int", 3): "f.1.nbc"}))
    (folder / "f.py311.nbi").write_bytes(index)
    (folder / "f.py311.1.nbc").write_bytes(pickle.dumps((b"machine code" * 1000, "f")))
    (folder / "f.cpython-311.pyc").write_bytes(b"")
    return folder


def test_whole_files_stay(cache: Path) -> None:
    assert remove_cut_short(cache.parent) == []
    assert len(list(cache.iterdir())) == 3


@pytest.mark.parametrize("name", ["f.py311.nbi", "f.py311.1.nbc"])
@pytest.mark.parametrize("kept", [0, 1, 5, 0.5, -1])
def test_what_is_cut_short_is_removed(cache: Path, name: str, kept: float) -> None:
    path = cache / name
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if 0 < kept < 1 else int(kept)])
    assert remove_cut_short(cache.parent) == [path]
    assert not path.exists()


def test_garbage_and_zeros_are_removed(cache: Path) -> None:
    (cache / "f.py311.nbi").write_bytes(b"\xff" * 100)
    (cache / "f.py311.1.nbc").write_bytes(bytes(1000))
    assert len(remove_cut_short(cache.parent)) == 2


def test_nothing_in_it_is_run(cache: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "PWN",))

    (cache / "f.py311.1.nbc").write_bytes(pickle.dumps(Evil()))
    remove_cut_short(cache.parent)
    assert not (tmp_path / "PWN").exists()


def test_what_was_compiled_from_other_sources_is_removed(cache: Path) -> None:
    """numba looks at the file of a function alone, not at those of the functions it calls."""
    called = cache.parent / "called.py"
    called.write_text("one")
    (cache / "compiled-from.sha256").unlink(missing_ok=True)
    first = remove_of_other_sources(cache.parent, [called])
    assert {path.name for path in first} == {"f.py311.nbi", "f.py311.1.nbc"}  # of unknown sources
    assert (cache / "f.cpython-311.pyc").exists()
    (cache / "f.py311.nbi").write_bytes(b"")
    os.utime(called, (0, 0))  # another date alone says nothing
    assert remove_of_other_sources(cache.parent, [called]) == []
    called.write_text("two")
    assert remove_of_other_sources(cache.parent, [called]) == [cache / "f.py311.nbi"]
    assert remove_of_other_sources(cache.parent, [called]) == []


def test_without_a_cache_there_is_one_digest_more(tmp_path: Path) -> None:
    source = tmp_path / "called.py"
    source.write_text("one")
    assert remove_of_other_sources(tmp_path, [source]) == []
    assert [path.name for path in (tmp_path / "__pycache__").iterdir()] == ["compiled-from.sha256"]


def test_compiled_functions_load_no_scipy_and_leave_it_whole() -> None:
    """A fit of most jobs needs nothing of it, and it takes longer to import than numba."""
    command = """
import sys
import algoprog.capability.kernels, algoprog.estimators.kernels.published
from numba.core.registry import cpu_target
cpu_target.target_context.refresh()  # what numba does before it runs its first function
print("scipy.linalg" in sys.modules)
import scipy.linalg, scipy.optimize
print(scipy.linalg.det([[2.0]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "2.0"]
