"""Where a location may lie, and who allows what lies elsewhere.

A configuration may come from a colleague, and names files of the project only. What may be read
besides, the person who runs it says, in the environment: ``ALGOPROG_ALLOW`` lists directories
(parted as PATH is). Passwords and tokens of an address are that person's too: from ``~/.netrc`` or
``ALGOPROG_TOKEN_<HOST>``, for that host alone.
"""

from __future__ import annotations

import contextlib
import ipaddress
import netrc
import os
import re
import socket
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from algoprog.common.errors import InputError
from algoprog.common.visible import SECRET

ALLOW = "ALGOPROG_ALLOW"
TOKEN = "ALGOPROG_TOKEN_"
_METADATA = ("metadata.google.internal", "metadata.goog")
LONGEST = 1000  # characters
OUTSIDE = f"copy it into the project, or list its directory in the environment: {ALLOW}=DIRECTORY"


def inside(path: Path, root: Path) -> bool:
    """Return whether a path, with its links followed, lies in the project or where it is allowed.

    Parameters
    ----------
    path : from the working directory or absolute.
    root : the project.
    """
    real = os.path.realpath(path)
    allowed = [name for name in os.environ.get(ALLOW, "").split(os.pathsep) if name]
    tops = (os.path.realpath(top) for top in (str(root), *allowed))
    return any(Path(real).is_relative_to(top) for top in tops)


def fault(location: str, root: Path) -> str | None:
    """Return what is wrong with the place of a file or directory; None where nothing is."""
    path = root / location
    try:
        path.stat()
        return None if inside(path, root) else f"outside the project; {OUTSIDE}"
    except (OSError, ValueError):  # not there, too long, a NUL
        try:
            return None if inside(path, root) else f"outside the project; {OUTSIDE}"
        except (OSError, ValueError):
            return "no path; correct it"


def check_address(location: str) -> str | None:
    """Return what is wrong with an address: a password or a token in it; None where nothing is."""
    try:
        parts = urlsplit(location)
        secret = parts.username is not None or parts.password is not None
        secret |= any(SECRET.fullmatch(name) for name, _ in parse_qsl(parts.query, True))
        alone = link_local(parts.hostname or "")
    except ValueError:
        return "no address; correct it"
    if alone:
        return "an address of this computer's own network, where no data are; give a public one"
    if secret:
        return (
            "a password or token in it: leave it out, and put it into ~/.netrc or, for a token, "
            f"into the environment: {variable(parts.hostname or 'HOST')}"
        )
    return None


def link_local(host: str) -> bool:
    """Return whether a host serves this computer alone, as the metadata of a cloud's machines do.

    An address of such a network in any spelling counts; names are not looked up.
    """
    if host.rstrip(".").lower() in _METADATA:
        return True
    for read in (ipaddress.ip_address, _in_another_spelling):
        with contextlib.suppress(ValueError, OSError):
            found = read(host)
            mapped = getattr(found, "ipv4_mapped", None)
            return (mapped or found).is_link_local
    return False


def _in_another_spelling(host: str) -> ipaddress.IPv4Address:
    """An address as systems read it: 0xa9fea9fe, 2852039166, 169.16689662."""
    return ipaddress.IPv4Address(socket.inet_aton(host))


def variable(host: str) -> str:
    """Return the environment variable of a host's token: ``ALGOPROG_TOKEN_DATA_EXAMPLE_ORG``."""
    return TOKEN + re.sub(r"[^A-Z0-9]", "_", host.upper())


def authorization(
    url: str, where: str, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the header that logs in to an address's host; none where nothing is known for it.

    Nothing is sent over http, but to this computer.

    Raises
    ------
    InputError
        for a .netrc that cannot be read.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and host not in ("127.0.0.1", "::1", "localhost"):
        return {}
    token = environment.get(variable(host))
    if token:
        return {"Authorization": f"Bearer {token}"}
    file = environment.get("NETRC") or str(Path(environment.get("HOME", ""), ".netrc"))
    try:
        found = netrc.netrc(file).hosts.get(host)
    except OSError:
        return {}
    except netrc.NetrcParseError as error:
        raise InputError(where, "login", f"{file}: {error.msg}", "correct that file") from None
    if found is None:
        return {}
    login = b64encode(f"{found[0]}:{found[2]}".encode()).decode()
    return {"Authorization": f"Basic {login}"}


def shown(url: str) -> str:
    """Return an address as it may be kept and shown: without login, question and fragment."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
