"""What an address gives: whole, from where it was asked, within bounds of time and size.

A body that ends early is noticed by its length, its last chunk or its checksum (gzip). Where a
server sends none of the three, only the checks of the table, or a pinned sha256, can tell.
"""

from __future__ import annotations

import asyncio
import email.utils
import io
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import tenacity

from algoprog.common.errors import InputError
from algoprog.records.content import SAVE, too_large
from algoprog.records.locations import authorization, check_address, link_local, shown
from algoprog.records.snapshots import Policy, Sidecar

REDIRECTS = 5
PIECE = 1 << 16  # bytes that are unpacked at once

# Answers that may be another one later.
_TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
# A word of an address where people log in.
_LOGIN = re.compile(
    r"(?:^|[/._-])(?:log[_-]?in|sign[_-]?in|servicelogin|sso|saml2?|oauth2?|auth|authenticate)"
    r"(?:[/._-]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Response:
    """What an address answered. `content` is unpacked; None if it has not changed (304)."""

    url: str
    final_url: str
    status: int
    etag: str | None
    last_modified: str | None
    content: bytes | None


def download(
    address: str, policy: Policy, previous: Sidecar | None = None, where: str | None = None
) -> Response:
    """Return what an http(s) address gives, whole.

    A server that is busy (429) or broken (5xx), a connection that fails and a body that ends early
    are tried again, up to `policy.attempts` times in `policy.deadline` seconds: after the time the
    server asks for, or one that doubles, with a jitter from a seed of the address; never more than
    `policy.longest_wait`. With the sidecar of a `previous` snapshot the server is asked whether
    its content has changed since.

    Raises
    ------
    InputError
        if it cannot be had: called `where` (default: the address).
    """
    where = where or address
    wrong = check_address(address)
    if wrong:
        raise InputError(where, "location", address, wrong)
    failures: list[str] = []

    async def bounded() -> Response:
        async with asyncio.timeout(policy.deadline):
            return await _attempts(address, policy, previous, where, failures)

    try:
        return asyncio.run(bounded())
    except TimeoutError:
        found = "; before: ".join([f"not complete after {policy.deadline:g} s", *failures[-1:]])
        raise InputError(where, "download", found, f"{SAVE}, or raise `deadline`") from None
    except _AgainError as error:
        number = f"{policy.attempts} attempts" if policy.attempts > 1 else "1 attempt"
        raise InputError(where, "download", f"{error} ({number})", SAVE) from None
    # UnicodeError: a host that httpx accepts and the system does not
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        found = str(error) or type(error).__name__
        raise InputError(where, "download", found, "correct the address") from None


class _AgainError(Exception):
    """Another attempt may do better, after so many seconds if the server says so."""

    def __init__(self, found: str, after: float = 0.0) -> None:
        super().__init__(found)
        self.after = after


async def _attempts(
    address: str, policy: Policy, previous: Sidecar | None, where: str, failures: list[str]
) -> Response:
    jitter = random.Random(address)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        failures.append(str(error))
        backoff: float = policy.wait * 2 ** (state.attempt_number - 1) * jitter.uniform(0.5, 1.5)
        asked = error.after if isinstance(error, _AgainError) else 0.0
        return min(max(asked, backoff), policy.longest_wait)

    attempts = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(_AgainError),
        stop=tenacity.stop_after_attempt(policy.attempts),
        wait=wait,
        reraise=True,
    )
    # only gzip, which is unpacked here: piece by piece, so that a bomb goes off in a small room
    headers = {"Accept-Encoding": "gzip", "User-Agent": "algoprog"}
    if previous and previous.etag:
        headers["If-None-Match"] = previous.etag
    if previous and previous.last_modified:
        headers["If-Modified-Since"] = previous.last_modified
    # trust_env: proxies; a login is what the environment has for the host, and nothing else
    async with httpx.AsyncClient(timeout=policy.timeout, headers=headers) as client:
        return await attempts(_attempt, client, address, policy, previous is not None, where)


async def _attempt(
    client: httpx.AsyncClient, address: str, policy: Policy, conditional: bool, where: str
) -> Response:
    """One attempt: the redirects, and the answer at their end."""
    url = httpx.URL(address)
    try:
        for _ in range(REDIRECTS + 1):
            if url.port and url.port > 65535:  # httpx accepts it
                raise httpx.InvalidURL(f"no such port: {url.port}")
            login = authorization(str(url), where)
            async with client.stream("GET", url, headers=login) as response:
                if response.next_request is None:
                    return await _answer(response, address, policy, conditional, where)
                url = _redirected(address, response, where, policy.redirects)
    except httpx.UnsupportedProtocol:
        raise
    except httpx.TransportError as error:
        raise _AgainError(str(error) or type(error).__name__) from None
    raise InputError(where, "redirect", f"more than {REDIRECTS} redirects", SAVE)


def _redirected(
    address: str, response: httpx.Response, where: str, listed: Sequence[str]
) -> httpx.URL:
    """Where a redirect leads, if it may be followed: to the same host, or one that is listed."""
    assert response.next_request is not None
    target = response.next_request.url
    found = f"redirected to {shown(str(target))}"
    if target.scheme not in ("http", "https"):
        raise InputError(where, "redirect", found, "give an http or https address")
    if response.url.scheme == "https" and target.scheme == "http":
        raise InputError(where, "redirect", found, "give an https address that stays https")
    if _leads_to_login(target) and not _leads_to_login(httpx.URL(address)):
        fix = "make it public, or log in, save the file in the project and give its path"
        raise InputError(where, "redirect to a login", found, fix)
    if link_local(target.host):
        fix = "give the address of the data themselves"
        raise InputError(where, "redirect to another host", found, fix)
    if not _same_place(response.url, target) and not {target.host, _place(target)} & set(listed):
        fix = f"give the address it leads to, or list {_place(target)} under acquisition.redirects"
        raise InputError(where, "redirect to another host", found, fix)
    return target.copy_with(username=None, password=None) if target.userinfo else target


def _place(url: httpx.URL) -> str:
    """Host of an address, with its port where it is not the usual one."""
    return url.host if url.port is None else f"{url.host}:{url.port}"


def _same_place(here: httpx.URL, there: httpx.URL) -> bool:
    """Whether two addresses have one host, and one port or the usual ones of http and https."""
    return (here.host, here.port) == (there.host, there.port)


def _leads_to_login(url: httpx.URL) -> bool:
    return _LOGIN.search(f"{url.host}{url.path}") is not None


async def _answer(
    response: httpx.Response, address: str, policy: Policy, conditional: bool, where: str
) -> Response:
    headers = response.headers
    content = None
    status = f"{response.status_code} {response.reason_phrase}".strip()
    if response.status_code in _TRANSIENT:
        raise _AgainError(status, _retry_after(headers.get("retry-after"), datetime.now(UTC)))
    if response.status_code == 200:
        content = await _body(response, policy, where)
    elif not (response.status_code == 304 and conditional):
        fix = f"correct the address; {SAVE}"
        raise InputError(where, "download", status, fix)
    return Response(
        url=address,
        final_url=address if str(response.url) == address else shown(str(response.url)),
        status=response.status_code,
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        content=content,
    )


def _retry_after(value: str | None, now: datetime) -> float:
    """Seconds from now that a Retry-After header asks for, in seconds or as an HTTP date."""
    if value is None:
        return 0.0
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())


async def _body(response: httpx.Response, policy: Policy, where: str) -> bytes:
    """The body, unpacked, never holding more than `policy.largest` bytes and a piece."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise InputError(where, "content encoding", encoding, SAVE)
    if int(response.headers.get("content-length", 0)) > policy.largest:
        raise too_large(where, policy)
    unpack = _Plain() if encoding == "identity" else _Gzip()
    content = io.BytesIO()
    async for chunk in response.aiter_raw(PIECE):
        for piece in unpack.pieces(chunk):
            if content.tell() + len(piece) > policy.largest:
                raise too_large(where, policy)
            content.write(piece)
    if not unpack.complete:
        raise _AgainError("the compressed body ends early")
    return content.getvalue()


class _Plain:
    complete = True

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk


class _Gzip:
    """Unpacks gzip, of one member or several, at most PIECE bytes at a time."""

    def __init__(self) -> None:
        self.member = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def complete(self) -> bool:
        return self.member.eof

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            if self.member.eof:
                self.member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                yield self.member.decompress(chunk, PIECE)
            except zlib.error as error:
                raise _AgainError(f"the compressed body is damaged: {error}") from None
            chunk = self.member.unconsumed_tail or self.member.unused_data
