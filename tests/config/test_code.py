"""The finder of a script's code: what a rule depends on besides its script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from algoprog.common.errors import InputError
from algoprog.config import code
from algoprog.config.code import LIBRARY, code_of

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A package of two packages, in which `low.sums` is imported in three ways."""
    files = {
        "__init__.py": "",
        "low/__init__.py": "",
        "low/sums.py": "def add(): ...\n",
        "low/unused.py": "",
        "high/__init__.py": "",
        "high/by_name.py": "def f():\n    from lib.low.sums import add\n",
        "high/by_module.py": "from lib.low import sums\n",
        "high/dotted.py": "import lib.low.sums as s\n",
    }
    for name, text in files.items():
        path = tmp_path / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "lib"


def found(library: Path, text: str) -> list[str]:
    script = library.parent / f"script{abs(hash(text))}.py"
    script.write_text(text)
    return [str(path.relative_to(library)) for path in code_of(script, library)]


@pytest.mark.parametrize("module", ["by_name", "by_module", "dotted"])
def test_modules_are_followed_with_the_packages_they_lie_in(library: Path, module: str) -> None:
    assert found(library, f"from lib.high.{module} import f\n") == [
        "__init__.py",
        "high/__init__.py",
        f"high/{module}.py",
        "low/__init__.py",
        "low/sums.py",
    ]


def test_what_a_type_checker_alone_reads_is_not_followed(library: Path) -> None:
    typed = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib.low.sums import add\n"
    )
    assert found(library, typed) == []
    other = "else:\n    from lib.low import unused\n"
    assert found(library, typed + other) == ["__init__.py", "low/__init__.py", "low/unused.py"]


@pytest.mark.parametrize(
    "around",
    [
        "class A:\n def f(self):\n  {}",
        "async def f():\n async with a:\n  {}",
        "if a:\n pass\nelif b:\n {}",
        "for a in b:\n pass\nelse:\n {}",
        "while a:\n {}",
        "try:\n {}\nfinally:\n pass",
        "try:\n pass\nexcept ValueError:\n {}",
        "try:\n pass\nfinally:\n {}",
        "match a:\n case 1:\n  {}",
    ],
)
def test_an_import_is_found_wherever_it_stands(library: Path, around: str) -> None:
    assert "low/sums.py" in found(library, around.format("from lib.low.sums import add"))


@pytest.mark.parametrize(
    ("module", "using", "others"),
    [
        ("resampling/cross_validation", {"cross_validate"}, {"sample", "fit", "draw"}),
        ("records/sample", {"sample"}, {"acquire", "normalize"}),
        ("capability/__init__", {"capability"}, {"sample", "fit", "draw", "record_histories"}),
        ("histories/__init__", {"record_histories"}, {"sample", "fit", "draw"}),
        ("common/errors", {"acquire", "fit"}, set()),  # imported by modules, not by scripts
    ],
)
def test_a_module_is_code_of_the_scripts_that_use_it(
    module: str, using: set[str], others: set[str]
) -> None:
    path = LIBRARY / f"{module}.py"
    of = {name for name in using | others if path in code_of(PROJECT / f"scripts/{name}.py")}
    assert of == using


def test_each_rule_names_the_code_of_its_script() -> None:
    named = 0
    for path in PROJECT.glob("rules/*.smk"):
        for text in re.split(r"^ *rule \w+:\n", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            for script in re.findall(r'"\.\./scripts/(\w+)\.py"', text):
                assert f'code("{script}")' in text
                named += 1
    assert named > 40


def test_reading_a_source_does_not_depend_on_how_samples_are_drawn() -> None:
    for script in ("acquire", "normalize"):
        assert LIBRARY / "records/sample.py" not in code_of(PROJECT / f"scripts/{script}.py")


@pytest.mark.parametrize(
    "text",
    [
        "from lib.low import gone",
        "from lib.low.gone import add",
        "import lib.gone",
        "import lib.low.sums.add",
        "from lib import sums",
        "from . import sums",
        "from lib.low.sums.add import more",
    ],
)
def test_an_import_that_is_no_file_is_an_error(library: Path, text: str) -> None:
    with pytest.raises(InputError, match="line 1"):
        found(library, text)


def test_a_name_that_the_library_itself_assigns_is_followed(library: Path) -> None:
    (library / "__init__.py").write_text('__version__ = "1"\n')
    assert found(library, "from lib import __version__\n") == ["__init__.py"]
    (library / "low/__init__.py").write_text("SOURCES = ()\n")
    assert found(library, "from lib.low import SOURCES\n") == ["__init__.py", "low/__init__.py"]
    with pytest.raises(InputError, match=r"lib\.low\.OTHER"):
        found(library, "from lib.low import OTHER\n")
    with pytest.raises(InputError, match="line 1"):
        found(library, "import lib.__version__")


def test_other_packages_are_passed_over(library: Path) -> None:
    assert found(library, "import os\nfrom libother.low import x\nimport numpy as np\n") == []


def test_every_script_of_the_project_can_be_followed() -> None:
    for script in (PROJECT / "scripts").glob("*.py"):
        if script.stem != "job":
            assert LIBRARY / "__init__.py" in code_of(script), script


def test_what_was_read_is_kept_until_a_file_changes(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "from lib.high.by_module import f\n"
    first = found(library, text)
    script = next(library.parent.glob("script*.py"))

    def again() -> list[str]:
        """As in the next run, which knows nothing but what is kept in a file."""
        for memory in (code._kept, code._imported, code._files):
            memory.cache_clear()
        return [str(path.relative_to(library)) for path in code_of(script, library)]

    with monkeypatch.context() as patch:
        patch.setattr(code.ast, "parse", lambda _: pytest.fail("read again"))
        assert again() == first
    (library / "high/by_module.py").write_text("from lib.low import unused\n")
    assert "low/unused.py" in again() and "low/sums.py" not in again()
    kept = library / "__pycache__/imports.json"
    kept.write_text(kept.read_text()[:40])  # cut short
    assert "low/unused.py" in again()
    script.with_name("gone.py").write_text("")
    code_of(script.with_name("gone.py"), library)
    assert "gone.py" in kept.read_text()
    script.with_name("gone.py").unlink()
    (library / "high/by_module.py").write_text("from lib.low import unused, sums\n")
    assert "low/sums.py" in again() and "gone.py" not in kept.read_text()
    (library / "low/unused.py").unlink()
    with pytest.raises(InputError, match=r"low\.unused"):
        again()
