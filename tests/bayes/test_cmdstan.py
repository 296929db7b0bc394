"""CmdStan is installed from the archive with the stated checksum, or not at all."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from algoprog.bayes import cmdstan
from algoprog.common.errors import InputError


def packed(place: Path, makefile: str) -> Path:
    """An archive in the form of a release, whose build writes what a built one has."""
    release = place / f"cmdstan-{cmdstan.VERSION}"
    release.mkdir(parents=True)
    (release / "makefile").write_text(makefile)
    with tarfile.open(place / "archive.tar.gz", "w:gz") as archive:
        archive.add(release, release.name)
    return place / "archive.tar.gz"


@pytest.fixture
def downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that were asked for; each answers with an archive whose checksum is the stated."""
    builds = "build:\n\tmkdir -p bin && touch bin/stansummary\n"
    archive = packed(tmp_path / "made", builds)
    asked: list[str] = []

    def download(address: str, path: Path) -> None:
        asked.append(address)
        path.write_bytes(archive.read_bytes())

    monkeypatch.setattr(cmdstan, "_download", download)
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    monkeypatch.setattr(cmdstan, "CHECKSUMS", dict.fromkeys(cmdstan.CHECKSUMS, checksum))
    return asked


def test_it_is_built_once(tmp_path: Path, downloaded: list[str]) -> None:
    folder = tmp_path / ".cmdstan"
    for _ in range(2):
        cmdstan.install(folder)
    assert len(downloaded) == 1 and downloaded[0].startswith("https://")
    assert [path.name for path in folder.iterdir()] == [f"cmdstan-{cmdstan.VERSION}"]


def test_another_archive_is_refused_and_nothing_of_it_stays(
    tmp_path: Path, downloaded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cmdstan, "CHECKSUMS", dict.fromkeys(cmdstan.CHECKSUMS, "0" * 64))
    with pytest.raises(InputError, match=r"expected SHA-256 0000.*nothing was unpacked"):
        cmdstan.install(tmp_path / ".cmdstan")
    assert list((tmp_path / ".cmdstan").iterdir()) == []


def test_a_build_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = packed(tmp_path / "made", "build:\n\tfalse\n")
    monkeypatch.setattr(
        cmdstan, "_download", lambda _, path: path.write_bytes(archive.read_bytes())
    )
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    monkeypatch.setattr(cmdstan, "CHECKSUMS", dict.fromkeys(cmdstan.CHECKSUMS, checksum))
    with pytest.raises(InputError, match=r"not built.*\$CMDSTAN"):
        cmdstan.install(tmp_path / ".cmdstan")
    assert list((tmp_path / ".cmdstan").iterdir()) == []


def test_where_no_network_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cmdstan, "ADDRESS", "http://127.0.0.1:1/{version}/{name}")
    with pytest.raises(InputError, match=r"make cmdstan, http://127\.0\.0\.1:1/"):
        cmdstan.install(tmp_path / ".cmdstan")


@pytest.mark.parametrize(
    ("system", "machine", "arm"),
    [("Linux", "x86_64", False), ("Linux", "aarch64", True), ("Darwin", "arm64", False)],
)
def test_each_platform_has_an_archive(system: str, machine: str, arm: bool) -> None:
    name = cmdstan.archive(system, machine)
    assert name in cmdstan.CHECKSUMS and name.endswith("-linux-arm64") == arm
