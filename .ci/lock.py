"""Write requirements.lock, requirements-stan.lock and requirements.wheels.tsv: `make lock`.

Each lock is one file for every platform and every Python from 3.11 on, and names no index. The
second is what the extra `stan` asks for and no more; what both have, both have in one version. The
table says for which platforms the index has wheels of what they have, for docs/install.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
UV = (
    *(str(Path(sys.executable).parent / "uv"), "pip", "compile", "--universal", "--quiet"),
    *("--python-version", "3.11", "--no-emit-index-url"),
)
# One version of a package for every Python that can have it, rather than the newest for each:
# so tests with one Python say what a run with another does, and numbers differ between none.
FEWEST = ("--fork-strategy", "fewest")
MAIN = ("pyproject.toml", "--extra", "cluster", "--group", "dev", "--group", "build", *FEWEST)
HASHED = ("--generate-hashes", "--custom-compile-command", "make lock")
# Of a wheel's tags, those of CPython (3.11 to 3.14) on the platforms of docs/install.md.
PYTHON = re.compile(r"py3\d*|py2\.py3|cp3\d+")
ABI = re.compile(r"none|abi3|abi3\.abi3t|cp31[1-4]")
PLATFORM = re.compile(
    r"any|win_amd64|linux_x86_64|manylinux\w*_(x86_64|aarch64)|macosx_\w+_(x86_64|arm64|universal2)"
)


def compiled(*arguments: str) -> None:
    """Run uv in the project's root; what it says of an error is on stderr."""
    subprocess.run([*UV, *arguments], cwd=ROOT, check=True)


def packages(lock: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return what a lock has, each with the wheels and the source that the index has of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pylock.toml"
        compiled(
            *arguments, "--constraint", str(lock), "--format", "pylock.toml",
            "--output-file", str(path),
        )  # fmt: skip
        found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["packages"]
        return found


def tags(package: dict[str, Any]) -> set[str]:
    """Return the tags of a package's wheels that somebody of docs/install.md may install."""
    kept = set()
    for wheel in package.get("wheels", ()):
        name = wheel.get("name") or wheel["url"].rsplit("/", 1)[1]
        python, abi, platforms = name.removesuffix(".whl").split("-")[-3:]
        for platform in platforms.split("."):
            parts = zip((PYTHON, ABI, PLATFORM), (python, abi, platform), strict=True)
            if all(pattern.fullmatch(part) for pattern, part in parts):
                kept.add(f"{python}-{abi}-{platform}")
    return kept


def main(*upgrade: str) -> None:
    """Compile both locks (with ``--upgrade``: to the newest), and the table of their wheels."""
    lock, stan = ROOT / "requirements.lock", ROOT / "requirements-stan.lock"
    compiled(*MAIN, *HASHED, *upgrade, "--output-file", lock.name)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    rows = packages(lock, *MAIN)
    with tempfile.NamedTemporaryFile("w", suffix=".in", encoding="utf-8") as asked:
        asked.write("\n".join(project["optional-dependencies"]["stan"]) + "\n")
        asked.flush()
        given = (asked.name, "--constraint", lock.name, "--no-annotate")
        compiled(*given, *HASHED, *upgrade, "--output-file", stan.name)
        rows += packages(stan, *given)
    found: dict[tuple[str, str, str], set[str]] = {}  # a lock names wheels of its platforms alone
    for row in rows:
        place = (row["name"], row["version"], "yes" if "sdist" in row else "no")
        found.setdefault(place, set()).update(tags(row))
    lines = ["\t".join((*place, " ".join(sorted(found[place])))) for place in sorted(found)]
    table = "\n".join(["package\tversion\tsource\twheels", *lines, ""])
    (ROOT / "requirements.wheels.tsv").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
