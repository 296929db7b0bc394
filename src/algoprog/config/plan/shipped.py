"""Results that come with the project: which are of the present inputs, settings and code.

The tables of targets of their own take from minutes to hours, so those of the configuration as it
comes are in the repository, packed, each target with a stamp of what it was made from: a digest of
its settings, checksums of the files that records are read from, and two digests of each module that
its scripts run, of the file and of what Python reads of it (without comments, docstrings and
layout). They are used only where all of it is the same, and only for tables that were not computed
here. An edit of words thus leaves them as they are, and an edit of code puts them aside until
`make restamp` has computed some of the numbers again and found them the same.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algoprog.bayes.names import HEADLINE
from algoprog.catalogue import tables_of
from algoprog.common.integrity import checksum
from algoprog.config.code import LIBRARY, code_of
from algoprog.config.plan.bayes import BayesPlan
from algoprog.config.plan.coverage import CoveragePlan
from algoprog.config.plan.facts import Facts, Plain, table_paths
from algoprog.config.plan.multiverse import MultiversePlan
from algoprog.config.plan.records import RecordsPlan
from algoprog.config.plan.results import TARGETS, ResultsPlan

FOLDER = "data/shipped"
STAMP = "stamp.json"
# What every target rests on: the way from sources to samples.
_SAMPLES = ("acquire", "normalize", "sample")
_RANKED = ("fit", "draw", "merge_draws", "cross_validate", "merge_cross_validation")
_STAN = ("bayes_compile",)
# The scripts that make the tables of each target, and what they read besides samples.
SCRIPTS = {
    "multiverse": (
        *("multiverse_fits", "multiverse_draws", "multiverse_table", "averaged_model"),
        *("model_average", "capability_registers", "capability_multiverse"),
    ),
    "coverage": (
        *("coverage_shard", "coverage_table", "profile", "profiles", "record_coverage"),
        *_RANKED,
    ),
    "bayes": (*_STAN, "bayes_chain", "bayes_fit", "bayes_tables", *_RANKED),
    "bayes_capability": (
        *(*_STAN, "capability_registers", "bayes_capability_chain", "bayes_capability"),
    ),
    "calibration": (*_STAN, "bayes_calibration_shard", "bayes_calibration", "bayes_chain"),
}
# Sections besides those of the local stamp, which has the records themselves.
_RECORDS = ("values", "repeats")
_DIGITS = 16


@dataclass(frozen=True)
class ShippedPlan:
    """The stamps of the project, and the tables that may be used."""

    facts: Facts
    records: RecordsPlan
    multiverse: MultiversePlan
    coverage: CoveragePlan
    bayes: BayesPlan
    results: ResultsPlan

    def usable(self, root: Path) -> dict[str, str]:
        """Return the packed tables of a project's folder that may be used, by name.

        Not those that were computed here.
        """
        here = self.results.finished()
        found = {}
        for target, stamp in stamps(root).items():
            if self.differs(target, stamp, root):
                continue
            for name in stamp["tables"]:
                path = packed(root, target, name)
                if name not in here and path.exists():
                    found[name] = str(path)
        return found

    def differs(self, target: str, stamp: Plain, root: Path) -> list[str]:
        """Return in which respects a stamp is not of what is at hand; none where it may be used."""
        found = []
        if stamp["settings"] != self.settings(target, root):
            found.append("the configuration")
        if stamp["files"] != self.files(target):
            found.append("the files that records are read from")
        if sorted(stamp["tables"]) != sorted(tables_of(target)):
            found.append("the list of tables")
        found += list(changed(stamp["code"], code(target, root)))
        return found

    def settings(self, target: str, root: Path) -> str:
        """Return a digest of the settings that a target rests on.

        A run of its own reads the same files by a longer way (``root``), which does not count.
        """
        said = {name: self.facts.settings[name] for name in _RECORDS}
        text = json.dumps([self.results.settings(target), said], sort_keys=True)
        if root != Path():
            text = text.replace(f'"{root.as_posix()}/', '"')
        return hashlib.sha256(text.encode()).hexdigest()

    def files(self, target: str) -> list[str]:
        """Return the checksums of the files that a target's records are read from, sorted."""
        config = self.facts.config
        paths = [path for name in config.enabled_sources for path in self.records.paths(name)]
        capability = self.results.capability
        if "capability" in TARGETS[target] and config.capability.enabled:
            paths += [*capability.registers.values(), *capability.scores]
        there = [Path(path) for path in dict.fromkeys(paths)]
        return sorted(checksum(path) for path in there if path.exists())

    def stamp(self, target: str, root: Path) -> dict[str, Any]:
        """Return what a target's tables would be stamped with now, but for tables and dates."""
        return {
            "settings": self.settings(target, root),
            "files": self.files(target),
            "code": {
                name: [_digest(path), _meaning(path)] for name, path in code(target, root).items()
            },
        }

    def proofs(self, target: str) -> list[str]:
        """Return files on the way to a target's tables that are computed again to stamp it anew."""
        headline = self.facts.config.headline.converged
        made = {
            "multiverse": lambda: [
                self.multiverse.fit_paths[0],
                self.multiverse.draw_paths()[0],
                f"results/multiverse/models/{self.facts.headline.variant}.held_out.parquet",
                *table_paths(["capability_attribution"]),
            ],
            "coverage": lambda: [self.coverage.paths[0], f"results/profiles/{headline}.parquet"],
            "bayes": lambda: [f"results/bayes/fits/{HEADLINE}.fit.parquet"],
            "bayes_capability": lambda: table_paths(["bayes_capability"]),
            "calibration": lambda: [self.bayes.calibration_paths[0]],
        }
        return made[target]()


def stamps(root: Path) -> dict[str, dict[str, Any]]:
    """Return the stamps of the targets that a project ships."""
    found = {}
    for target in TARGETS:
        path = root / FOLDER / target / STAMP
        if path.exists():
            found[target] = json.loads(path.read_text(encoding="utf-8"))
    return found


def shipped_stamps(usable: Mapping[str, str]) -> list[str]:
    """Return the stamps of packed tables that are used (:meth:`ShippedPlan.usable`)."""
    return sorted({str(Path(path).with_name(STAMP)) for path in usable.values()})


def packed(root: Path, target: str, name: str) -> Path:
    """Return the file of a packed table."""
    return root / FOLDER / target / f"{name}.csv.gz"


def code(target: str, root: Path) -> dict[str, Path]:
    """Return the files that make a target's tables by their name in the project."""
    found: dict[str, Path] = {}
    for script in (*_SAMPLES, *SCRIPTS[target]):
        path = root / "scripts" / f"{script}.py"
        found[f"scripts/{path.name}"] = path
        for module in code_of(path, LIBRARY):
            found[module.relative_to(LIBRARY).as_posix()] = module
    if target in ("bayes", "bayes_capability", "calibration"):
        for program in sorted((LIBRARY / "bayes/stan").glob("*.stan")):
            found[program.relative_to(LIBRARY).as_posix()] = program
    return found


def changed(stamped: Plain, now: dict[str, Path]) -> Iterator[str]:
    """Yield the files of code that are not those of a stamp; words and layout do not count."""
    yield from sorted(set(stamped) ^ set(now))
    for name in sorted(set(stamped) & set(now)):
        digest, meaning = stamped[name]
        if _digest(now[name]) != digest and _meaning(now[name]) != meaning:
            yield name


def _digest(path: Path) -> str:
    found = path.stat()
    return _digest_at(path, found.st_mtime_ns, found.st_size)


@functools.cache
def _digest_at(path: Path, date: int, size: int) -> str:
    return checksum(path)[:_DIGITS]


def _meaning(path: Path) -> str:
    """A digest of what Python reads of a file; of any other file, of its bytes."""
    return _meaning_of(path, _digest(path))


@functools.cache
def _meaning_of(path: Path, digest: str) -> str:
    if path.suffix != ".py":
        return digest
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _says(body[0]):
            node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:_DIGITS]


def _says(statement: ast.AST) -> bool:
    """Whether a statement is only a text."""
    value = getattr(statement, "value", None)
    return isinstance(statement, ast.Expr) and isinstance(getattr(value, "value", None), str)
