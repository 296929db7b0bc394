"""Platforms of docs/install.md, and whether a lock installs there: by its lines and its wheels."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging import tags
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYTHONS = (11, 12, 13, 14)


@dataclass(frozen=True)
class Platform:
    """What markers and tags of wheels say of a platform."""

    system: str  # sys_platform
    machine: str
    accepted: tuple[str, ...]  # platforms of wheels that install

    def environment(self, minor: int) -> dict[str, str]:
        return {
            "sys_platform": self.system,
            "platform_machine": self.machine,
            "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[
                self.system
            ],
            "os_name": "nt" if self.system == "win32" else "posix",
            "python_version": f"3.{minor}",
            "python_full_version": f"3.{minor}.2",
            "implementation_name": "cpython",
            "implementation_version": f"3.{minor}.2",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
        }

    def tags(self, minor: int) -> frozenset[tags.Tag]:
        version, abi = (3, minor), f"cp3{minor}"
        own = tags.cpython_tags(version, abis=[abi], platforms=self.accepted)
        return frozenset((*own, *tags.compatible_tags(version, abi, self.accepted)))


def linux(machine: str, libc: int = 28) -> Platform:
    """A Linux with glibc 2.28, as Debian 10, Ubuntu 20.04, RHEL 8 and all later ones."""
    accepted = [f"manylinux_2_{minor}_{machine}" for minor in range(libc, 4, -1)]
    accepted += [f"manylinux{year}_{machine}" for year in (2014, 2010, 1)]
    return Platform("linux", machine, (*accepted, f"linux_{machine}"))


def macos(machine: str, version: tuple[int, int] = (14, 0)) -> Platform:
    return Platform("darwin", machine, tuple(tags.mac_platforms(version, machine)))


PLATFORMS = {
    "Linux x86-64, WSL": linux("x86_64"),
    "Linux ARM64, WSL": linux("aarch64"),
    "macOS ARM64": macos("arm64"),
    "macOS x86-64": macos("x86_64"),
    "Windows x86-64": Platform("win32", "AMD64", ("win_amd64",)),
}


@dataclass(frozen=True)
class Wheels:
    """A line of the table of wheels: whether there is a source, and the tags of wheels."""

    source: bool
    tags: frozenset[tags.Tag]


def wheels(table: Path) -> dict[tuple[str, str], Wheels]:
    with table.open(encoding="utf-8", newline="") as file:
        return {
            (row["package"], row["version"]): Wheels(
                row["source"] == "yes",
                frozenset(tag for text in row["wheels"].split() for tag in tags.parse_tag(text)),
            )
            for row in csv.DictReader(file, delimiter="\t")
        }


def pins(lock: Path) -> Iterator[Requirement]:
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            yield Requirement(line.removesuffix("\\").strip())


def pinned(lock: Path, platform: Platform, minor: int) -> dict[str, str]:
    """Versions that a lock installs there; a package must have one."""
    found: dict[str, str] = {}
    for line in pins(lock):
        if line.marker is None or line.marker.evaluate(platform.environment(minor)):
            name = canonicalize_name(line.name)
            assert name not in found, f"{name} twice on {platform.machine}, Python 3.{minor}"
            found[name] = str(line.specifier).removeprefix("==")
    return found


def without_wheel(
    lock: Path, known: dict[tuple[str, str], Wheels], platform: Platform, minor: int
) -> dict[str, bool]:
    """Packages that have no wheel there, with whether there is a source to build them from."""
    accepted = platform.tags(minor)
    return {
        name: known[name, version].source
        for name, version in pinned(lock, platform, minor).items()
        if not known[name, version].tags & accepted
    }
