"""Install CmdStan: one release, whose checksums stand here, unpacked and built. `make cmdstan`."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import httpx

from algoprog.bayes.engine import stan_version
from algoprog.common.errors import InputError

VERSION = "2.35.0"
ADDRESS = "https://github.com/stan-dev/cmdstan/releases/download/v{version}/{name}.tar.gz"
# SHA-256 of the archives, as the conda-forge recipe of this version has them.
CHECKSUMS = {
    f"cmdstan-{VERSION}": "5bf668994e163419123d22bb7248ef1d30cbe2e7a14d50aa1c282b961f8172cd",
    f"cmdstan-{VERSION}-linux-arm64": (
        "87ea47f0576d581f0af7e3c1a2f9843d16a9c7b21ed94621c906f7a3183b410d"
    ),
}
ELSEWHERE = (
    "it needs a network, make and a C++ compiler; or build CmdStan elsewhere and set $CMDSTAN to "
    "its folder"
)


def archive(system: str, machine: str) -> str:
    """Return the name of the release's archive for a platform."""
    arm = system == "Linux" and machine in ("aarch64", "arm64")
    return f"cmdstan-{VERSION}{'-linux-arm64' if arm else ''}"


def install(folder: Path) -> None:
    """Download, check, unpack and build CmdStan in ``folder``, unless it is there.

    Raises
    ------
    InputError
        where it cannot be downloaded or built, or is not the archive whose checksum stands here.
    """
    built = folder / f"cmdstan-{VERSION}"
    if not (built / "bin" / "stansummary").exists():
        name = archive(platform.system(), platform.machine())
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            path = Path(place) / "archive"
            _download(ADDRESS.format(version=VERSION, name=name), path)
            unpack(path, CHECKSUMS[name], Path(place))
            shutil.rmtree(built, ignore_errors=True)  # of a build that was killed
            (Path(place) / built.name).rename(built)
        cores = os.cpu_count() or 1
        if subprocess.run(["make", "-C", str(built), f"-j{cores}", "build"]).returncode:
            shutil.rmtree(built)  # what is not built is not found either
            raise InputError(
                "make cmdstan", str(built), "not built; the reason is above", ELSEWHERE
            )
    print(f"CmdStan {VERSION} is in {built}")
    if stan_version() not in (None, VERSION):
        print(f"pystan here has Stan {stan_version()}: its draws are other draws of the same law")


def unpack(path: Path, checksum: str, folder: Path) -> None:
    """Unpack an archive with this SHA-256 into ``folder``.

    Raises
    ------
    InputError
        for any other file; nothing of it is unpacked.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != checksum:
        fix = f"expected SHA-256 {checksum}; nothing was unpacked. {ELSEWHERE[:1].upper()}"
        raise InputError("make cmdstan", "checksum", found, fix + ELSEWHERE[1:])
    with tarfile.open(path) as packed:
        if hasattr(tarfile, "data_filter"):
            packed.extractall(folder, filter="data")
        else:  # Python before 3.11.4; the checksum vouches for the archive
            packed.extractall(folder)


def _download(address: str, path: Path) -> None:
    print(f"Downloading {address}")
    try:
        with (
            httpx.stream("GET", address, follow_redirects=True, timeout=60) as answer,
            path.open("wb") as file,
        ):
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                file.write(piece)
    except (httpx.HTTPError, OSError) as error:
        raise InputError("make cmdstan", address, str(error) or repr(error), ELSEWHERE) from None


if __name__ == "__main__":
    try:
        install(Path(sys.argv[1]))
    except InputError as error:
        sys.exit(str(error))
