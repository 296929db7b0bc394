"""Each fault of the wild ends as specified: in bounded time and memory, nothing half-written."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import os
import socket
import ssl
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path

import fault_server as server
import httpx
import pytest
from pydantic import ValidationError

from algoprog.common.errors import InputError
from algoprog.records import download as downloading
from algoprog.records import snapshots
from algoprog.records.acquisition import Outcome, obtain, refresh
from algoprog.records.content import Extent, Origin, check_content
from algoprog.records.download import download
from algoprog.records.files import read_file
from algoprog.records.locations import authorization, shown
from algoprog.records.snapshots import Policy

# Waits of a real policy, a hundredth of the length.
POLICY = Policy(timeout=2.0, deadline=10.0, attempts=3, wait=0.005, longest_wait=0.05)


def table(rows: int, columns: str = "system,perplexity") -> bytes:
    return "\n".join([columns, *(f"model {i},{20 + i}" for i in range(rows))]).encode()


GOOD = table(10)
PAGE = b"\xef\xbb\xbf <!-- x --> <!DOCTYPE html><html><body><table><td>1</table></body></html>"
LOGIN = b"<html><body><form><input name=p type='password'></form></body></html>"


def parse(content: bytes) -> Extent:
    header, *rows = csv.reader(io.StringIO(content.decode()))
    return Extent(len(rows), tuple(header))


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """What is imported with the first connection takes longer than the shortest deadline here."""
    with pytest.raises(InputError):
        download("http://127.0.0.1:1", policy(attempts=1))


@pytest.fixture
def wild(monkeypatch: pytest.MonkeyPatch) -> Iterator[server.FaultServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # nothing here is https, and reading the certificates takes longer than most of these tests
    plain = partial(httpx.AsyncClient, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.setattr("httpx.AsyncClient", plain)
    monkeypatch.setattr("os.fsync", lambda file: None)
    with server.serving() as running:
        yield running


def origin(address: str, **changes: object) -> Origin:
    plain = Origin("board", address, "csv", ("system", "perplexity"), parse)
    return replace(plain, **changes)  # type: ignore[arg-type]


def policy(**changes: object) -> Policy:
    return POLICY.model_copy(update=changes)


def listing(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.glob("**/*") if path.is_file()}


def has(outcome: Outcome, content: bytes) -> None:
    """The snapshot in use is whole, is this, and nothing else is lying about."""
    directory = outcome.snapshot.path.parent
    sha256 = hashlib.sha256(content).hexdigest()
    assert outcome.snapshot.path.read_bytes() == content
    assert outcome.snapshot.path.name.partition(".")[0] == sha256[:16]
    assert outcome.snapshot.sidecar.sha256 == sha256
    assert outcome.snapshot == snapshots.in_use(directory, outcome.snapshot.sidecar.url)
    assert not list(directory.glob(".*"))


# --- every fault, with and without a snapshot in use ---------------------------------------------

# The answers, what the error says, and how many requests are made of a policy of three attempts.
FAULTS: dict[str, tuple[list[server.Send], str, int]] = {
    "slow drip": ([server.endless(b"x", 0.02)], "'not complete after 0.4 s'", 1),
    "slow head": ([server.endless(b"x", 0.02, head=True)], "'not complete after 0.4 s'", 1),
    "silence": ([server.endless(b"", 10.0)], "'not complete after 0.4 s'", 1),
    "reset": ([server.reset(GOOD)], r"\(3 attempts\)", 3),
    "truncated": ([server.truncated(GOOD)], r"10\d? bytes|incomplete|without sending", 3),
    "no last chunk": ([server.unannounced(GOOD)], "incomplete chunked read", 3),
    "gzip cut": ([server.zipped(GOOD, -12)], "compressed body ends early", 3),
    "gzip damaged": ([server.body(b"\x1f\x8bno", Content_Encoding="gzip")], "damaged", 3),
    "busy": ([server.status(429, Retry_After="0")], "429 Too Many Requests", 3),
    "broken": ([server.status(500)], r"500 Internal Server Error \(3 attempts\)", 3),
    "absent": ([server.status(404)], "404 Not Found.*; correct the address", 1),
    "forbidden": ([server.status(403)], "403 Forbidden", 1),
    "a part": ([server.status(500), server.status(206)], "206 Partial Content", 2),
    "unknown coding": ([server.body(GOOD, Content_Encoding="br")], "content encoding: 'br'", 1),
    "empty": ([server.body(b"\n")], "content: 'empty'", 1),
    "encoding": (
        [server.body(table(3) + "\nCafé,3".encode("latin-1"), "text/csv; charset=utf-8")],
        "line 5: 'byte 0xe9 is not UTF-8'",
        1,
    ),
    "binary": ([server.body(b"a,b\n\0,1")], "a binary file", 1),
    "page": ([server.body(PAGE)], "an HTML page, not csv", 1),
    "page to log in": ([server.body(LOGIN)], "a page to log in", 1),
    "login": ([server.redirect("/users/sign_in?next=data")], "redirect to a login", 1),
    "loop": ([server.redirect("/data")], "more than 5 redirects", 6),
    "to a file": ([server.redirect("file:///etc/hostname")], "give an http or https address", 1),
    "no rows": ([server.body(table(0))], "table: 'no rows'", 1),
    "lost column": ([server.body(table(10, "system,ppl"))], "header: 'no column perplexity", 1),
    "announced": ([server.truncated(b"", missing=200 << 20)], "over 1,000,000 bytes", 1),
    "zeros": ([server.zeros(200 << 20)], "over 1,000,000 bytes", 1),
    "bomb": ([server.zeros(200 << 20, compressed=True)], "over 1,000,000 bytes", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused(wild: server.FaultServer, tmp_path: Path, fault: str) -> None:
    answers, message, requests = FAULTS[fault]
    bounds: dict[str, float] = {"largest": 1_000_000}
    if "not complete" in message:
        bounds["deadline"] = 0.4
    limited = policy(**bounds)
    place = origin(wild.on(*answers))

    # nothing was there: nothing is there afterwards
    tracemalloc.start()
    with pytest.raises(InputError, match=message) as raised:
        obtain(place, limited, tmp_path / "board")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(raised.value).startswith(f"source board ({place.address})")
    assert len(str(raised.value).splitlines()) == 1
    assert len(wild.requests) == requests
    assert peak < 8_000_000  # of the 209,715,200 bytes sent; the server's own megabyte included
    assert listing(tmp_path) == {}

    # a good snapshot was there: it is there afterwards, and whether it is used is configuration
    wild.on(server.body(GOOD))
    good = obtain(place, POLICY, tmp_path / "board")
    before = listing(tmp_path)
    wild.on(*answers)
    with pytest.raises(InputError, match=message):
        refresh(place, limited, tmp_path / "board")
    after = listing(tmp_path)
    assert snapshots.REFUSAL in after
    assert {name: after[name] for name in after if name != snapshots.REFUSAL} == before
    with pytest.raises(InputError, match=r"refused.*make refresh.*on_failure: keep"):
        obtain(place, limited, tmp_path / "board")

    wild.on(*answers)
    keep = limited.model_copy(update={"on_failure": "keep"})
    kept = refresh(place, keep, tmp_path / "board")
    assert kept.snapshot == good.snapshot
    assert kept.warning is not None and "stays in use" in kept.warning
    assert obtain(place, keep, tmp_path / "board") == kept
    has(kept, GOOD)

    # and once the fault is gone, so is every trace of it
    wild.on(server.body(GOOD + b"\nmodel 10,30"))
    outcome = refresh(place, POLICY, tmp_path / "board")
    assert outcome.warning is None
    has(outcome, GOOD + b"\nmodel 10,30")
    assert snapshots.REFUSAL not in listing(tmp_path)


# --- what passes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "requests"),
    [
        ([server.body(GOOD)], 1),
        (
            [server.body(GOOD, "text/html")],
            1,
        ),  # what the bytes are counts, not what they are called
        ([server.zipped(GOOD)], 1),
        ([server.status(500), server.status(503), server.body(GOOD)], 3),
        ([server.reset(GOOD), server.truncated(GOOD), server.body(GOOD)], 3),
        ([server.status(429, Retry_After="0"), server.body(GOOD)], 2),
        ([server.redirect("/hop")], 2),
    ],
)
def test_what_comes_whole_is_put_into_use(
    wild: server.FaultServer, tmp_path: Path, answers: list[server.Send], requests: int
) -> None:
    wild.on(server.body(GOOD), path="/hop")
    place = origin(wild.on(*answers))
    outcome = obtain(place, POLICY, tmp_path)
    has(outcome, GOOD)
    assert len(wild.requests) == requests
    sidecar = outcome.snapshot.sidecar
    assert sidecar.url == place.address
    assert sidecar.final_url == wild.address(wild.requests[-1].path)
    assert (sidecar.status, sidecar.bytes, sidecar.rows) == (200, len(GOOD), 10)
    assert sidecar.columns == ["system", "perplexity"]
    assert sidecar.time.tzinfo == UTC
    # an ordinary run asks no one
    assert obtain(place, POLICY, tmp_path) == outcome
    assert len(wild.requests) == requests


def test_gzip_in_members_larger_than_a_piece(wild: server.FaultServer) -> None:
    content = bytes(range(256)) * 2000
    parts = content[:300_000], content[300_000:]
    packed = b"".join(map(server.gzip.compress, parts))
    address = wild.on(server.body(packed, Content_Encoding="gzip"))
    assert download(address, POLICY).content == content


def test_the_largest_content_is_still_taken(wild: server.FaultServer) -> None:
    for send in (server.body(GOOD), server.zipped(GOOD)):
        address = wild.on(send)
        limit = policy(largest=max(len(GOOD), len(server.gzip.compress(GOOD))))
        assert download(address, limit).content == GOOD
    assert len(server.gzip.compress(table(1000))) < 10_000 < len(table(1000))
    with pytest.raises(InputError, match="over 10,000 bytes"):
        download(wild.on(server.zipped(table(1000))), policy(largest=10_000))


# --- how often, and how long between -------------------------------------------------------------


def waits(
    wild: server.FaultServer, monkeypatch: pytest.MonkeyPatch, limits: Policy, *answers: server.Send
) -> list[float]:
    """The waits of a download, none of them waited."""
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds:
            taken.append(seconds)
        await sleeps(0)

    sleeps = asyncio.sleep
    with monkeypatch.context() as patched:
        patched.setattr("asyncio.sleep", sleep)
        assert download(wild.on(*answers), limits).content == GOOD
    return taken


def test_retry_after(wild: server.FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    date = format_datetime(datetime.fromtimestamp(2**32, UTC), usegmt=True)  # in the year 2106
    limits = policy(attempts=8, longest_wait=60.0)
    asked = ["7", date, "9" * 5000, "soon", "-3", "Sun, 06 Nov 1994 08:49:37 GMT"]
    answers = [server.status(429, Retry_After=value) for value in asked]
    taken = waits(wild, monkeypatch, limits, *answers, server.body(GOOD))
    assert taken[:3] == [7.0, 60.0, 60.0]
    assert all(0 < seconds < 1 for seconds in taken[3:])  # what makes no sense, or is past


def test_a_date_is_waited_for() -> None:
    now = datetime(2024, 3, 9, 12, tzinfo=UTC)
    assert downloading._retry_after("Sat, 09 Mar 2024 12:00:30 GMT", now) == 30.0
    assert downloading._retry_after("Sat, 09 Mar 2024 12:00:30", now) == 30.0
    assert downloading._retry_after("Sat, 09 Mar 2024 11:00:30 GMT", now) == 0.0
    assert downloading._retry_after(None, now) == 0.0


def test_waits_double_with_a_jitter_of_the_address(
    wild: server.FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = policy(attempts=8, wait=1.0, longest_wait=20.0)
    answers = [server.status(503)] * 7 + [server.body(GOOD)]
    taken = waits(wild, monkeypatch, limits, *answers)
    assert len(taken) == 7
    for i, seconds in enumerate(taken):
        assert 0.5 * 2**i <= seconds <= 1.5 * 2**i or seconds == 20.0
    assert len({seconds / 2**i for i, seconds in enumerate(taken)}) == 7
    assert taken == waits(wild, monkeypatch, limits, *answers)  # the same address, the same waits


def test_the_deadline_ends_waits_too(wild: server.FaultServer) -> None:
    address = wild.on(server.status(503, Retry_After="3600"))
    limits = policy(longest_wait=3600.0, deadline=0.5)
    with pytest.raises(InputError, match=r"not complete after 0.5 s; before: 503"):
        download(address, limits)
    assert len(wild.requests) == 1


def test_a_server_that_says_nothing_is_asked_again(wild: server.FaultServer) -> None:
    address = wild.on(server.endless(b"", 10.0), server.body(GOOD))
    assert download(address, policy(timeout=0.1)).content == GOOD


def test_an_address_where_no_one_is() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(InputError, match=r"\(3 attempts\)"):
        download(f"http://127.0.0.1:{port}/x", POLICY)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://127.0.0.1/x",
        "http://",
        "http://127.0.0.1:99999/x",
        "http://127.0.0.1:x/",
        "http://[::1/x",
        f"http://{'a' * 70}.invalid/x",
        "http://127.0.0.1:1/\0",
        "http:///x",
        # what only this computer sees, in every spelling
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0251.0376.0251.0376/",
        "http://169.16689662/",
        "http://Metadata.Google.Internal./computeMetadata",
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(InputError):
        download(address, policy(attempts=1))


# --- where redirects lead ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("https://example.org/login", True),
        ("https://login.example.org/?to=x", True),
        ("https://accounts.example.org/v3/signin/identifier?continue=x", True),
        ("https://accounts.example.org/ServiceLogin?continue=x", True),
        ("https://example.org/users/sign_in", True),
        ("https://example.org/oauth2/authorize", True),
        ("https://sso.example.org", True),
        ("https://example.org/catalogin/blogging.csv", False),
        ("https://example.org/data.csv?login=1", False),
        ("https://example.org/author/authors.csv", False),
    ],
)
def test_what_is_a_login(url: str, login: bool) -> None:
    assert downloading._leads_to_login(httpx.URL(url)) is login


def test_https_stays_https() -> None:
    def redirected(start: str, target: str, *listed: str) -> httpx.URL:
        response = httpx.Response(302, request=httpx.Request("GET", start))
        response.next_request = httpx.Request("GET", target)
        return downloading._redirected(start, response, "source x", listed)

    assert redirected("http://a.org/x", "https://a.org/y") == "https://a.org/y"
    assert redirected("http://a.org/x", "https://b.org/y", "b.org") == "https://b.org/y"
    assert redirected("http://a.org/x", "http://a.org:81/y", "a.org:81") == "http://a.org:81/y"
    assert redirected("http://a.org/x", "http://u:p@a.org/y") == "http://a.org/y"
    for target in (
        *("https://b.org/y?token=secret", "http://a.org:81/y", "http://169.254.169.254/latest"),
        *("http://127.0.0.1/x", "http://[::1]/x", "http://a.org.evil.org/x", "http://b@c.org/x"),
    ):
        with pytest.raises(InputError, match="redirect to another host") as raised:
            redirected("http://a.org/x", target, "c.org:82")
        assert "secret" not in str(raised.value)
    # a list does not open what only this computer sees
    for target in ("http://169.254.169.254/latest", "http://[::ffff:a9fe:a9fe]/x"):
        with pytest.raises(InputError, match="redirect to another host"):
            redirected("http://a.org/x", target, "169.254.169.254", "::ffff:a9fe:a9fe")
    with pytest.raises(InputError, match="stays https"):
        redirected("https://a.org/x", "http://a.org/x")
    # who asks for a login gets one
    assert redirected("http://a.org/login/x", "http://a.org/login/y") == "http://a.org/login/y"


def test_a_login_is_sent_to_its_host_alone(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine a.org login me password hunter2\n")
    home = {"HOME": str(tmp_path), "ALGOPROG_TOKEN_DATA_B_ORG": "hunter3"}
    assert authorization("https://a.org/x", "source x", home) == {
        "Authorization": "Basic bWU6aHVudGVyMg=="
    }
    assert authorization("https://data.b.org/x", "source x", home) == {
        "Authorization": "Bearer hunter3"
    }
    for url in (
        "http://a.org/x",
        "https://b.org/x",
        "https://a.org.evil.org/x",
        "http://data.b.org",
    ):
        assert authorization(url, "source x", home) == {}
    assert authorization("https://a.org/x", "source x", {}) == {}
    (tmp_path / ".netrc").write_text("machine\n")
    with pytest.raises(InputError, match="correct that file"):
        authorization("https://a.org/x", "source x", home)


def test_what_is_kept_of_an_address_has_no_secret() -> None:
    for url, kept in {
        "https://me:hunter2@a.org:81/x/y.csv?token=hunter2#z": "https://a.org:81/x/y.csv",
        "http://[::1]/x": "http://[::1]/x",
    }.items():
        assert shown(url) == kept
    error = InputError(
        "source x", "download", "https://me:hunter2@a.org/?a=1&token=hunter2&b=2", ""
    )
    assert "hunter2" not in str(error)
    for address in ("//me:hunter2@a.org/x", "https:/me:hunter2@a.org", "\\\\me:hunter2@a.org"):
        assert "hunter2" not in str(InputError("source x", "location", address, "no such file"))
    assert "hunter2" not in str(InputError("source x", "a", "https://me:hunt@er:hunter2@a.org", ""))
    assert "b=2" in str(error)


# --- unchanged -----------------------------------------------------------------------------------


def test_unchanged_content_is_not_sent_again(wild: server.FaultServer, tmp_path: Path) -> None:
    modified = "Sat, 09 Mar 2024 12:00:00 GMT"
    place = origin(wild.on(server.unless_known(GOOD, '"v1"', modified)))
    first = obtain(place, POLICY, tmp_path)
    before = listing(tmp_path)
    assert refresh(place, POLICY, tmp_path) == first
    assert listing(tmp_path) == before
    assert wild.requests[1].headers["If-None-Match"] == '"v1"'
    assert wild.requests[1].headers["If-Modified-Since"] == modified

    # a damaged snapshot is not asked about, but replaced
    first.snapshot.path.chmod(0o644)
    first.snapshot.path.write_bytes(b"edited")
    with pytest.raises(InputError, match="changed since it was downloaded"):
        obtain(place, POLICY, tmp_path)
    outcome = refresh(place, POLICY, tmp_path)
    assert "If-None-Match" not in wild.requests[2].headers
    has(outcome, GOOD)
    assert outcome.snapshot.path.stat().st_mode & 0o777 == 0o444


def test_the_same_bytes_leave_the_pointer_alone(wild: server.FaultServer, tmp_path: Path) -> None:
    place = origin(wild.on(server.body(GOOD, ETag='"a"'), server.body(GOOD, ETag='"b"')))
    first = obtain(place, POLICY, tmp_path)
    pointer = (tmp_path / snapshots.POINTER).stat()
    snapshot = first.snapshot.path.stat()
    second = refresh(place, POLICY, tmp_path)
    assert second.snapshot.sidecar.etag == '"b"'
    assert (tmp_path / snapshots.POINTER).stat().st_ino == pointer.st_ino
    assert second.snapshot.path.stat().st_ino == snapshot.st_ino


def test_304_only_to_those_who_have_it(wild: server.FaultServer, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="304 Not Modified"):
        obtain(origin(wild.on(server.status(304))), POLICY, tmp_path)


# --- against the last good snapshot --------------------------------------------------------------


@pytest.mark.parametrize(("rows", "refused"), [(8, False), (7, True), (0, True), (12, False)])
def test_lost_rows(wild: server.FaultServer, tmp_path: Path, rows: int, refused: bool) -> None:
    place = origin(wild.on(server.body(GOOD), server.body(table(rows))))
    obtain(place, POLICY, tmp_path)
    if not refused:
        has(refresh(place, POLICY, tmp_path), table(rows))
        return
    with pytest.raises(InputError, match=r"7 rows; the snapshot of .* has 10|no rows"):
        refresh(place, POLICY, tmp_path)
    if rows:
        # the way out that the error names
        (tmp_path / snapshots.POINTER).unlink()
        has(refresh(place, POLICY, tmp_path), table(rows))


def test_a_column_that_vanished(wild: server.FaultServer, tmp_path: Path) -> None:
    place = origin(wild.on(server.body(GOOD), server.body(table(10, "system,ppl"))))
    obtain(place, POLICY, tmp_path)
    with pytest.raises(InputError, match=r"no column perplexity, which the snapshot of .* has"):
        refresh(place, POLICY, tmp_path)


def test_a_pinned_content(wild: server.FaultServer, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(GOOD).hexdigest()
    place = origin(wild.on(server.body(table(11))), sha256=sha256)
    with pytest.raises(InputError, match=f"sha256: .*pins sha256 {sha256}"):
        obtain(place, POLICY, tmp_path)
    assert listing(tmp_path) == {}
    wild.on(server.body(GOOD), server.body(table(11)))
    good = obtain(place, POLICY, tmp_path)
    kept = refresh(place, policy(on_failure="keep"), tmp_path)
    assert kept.snapshot == good.snapshot
    has(kept, GOOD)
    # another pin: what is in use is not what is pinned, and nothing good is to be kept
    other = replace(place, sha256="0" * 64)
    for acquire in (obtain, refresh):
        with pytest.raises(InputError, match="pins sha256 000"):
            acquire(other, policy(on_failure="keep"), tmp_path)


def test_a_parser_refuses_in_its_own_words(wild: server.FaultServer, tmp_path: Path) -> None:
    def refuse(content: bytes) -> Extent:
        raise InputError.combine([InputError("x", "line 3", "?", "a"), InputError("x", "", 1, "b")])

    place = origin(wild.on(server.body(GOOD)))
    obtain(place, POLICY, tmp_path)
    with pytest.raises(InputError, match="x, line 3: '\\?'; a\nx: 1; b"):
        refresh(replace(place, parse=refuse), POLICY, tmp_path)
    kept = refresh(replace(place, parse=refuse), policy(on_failure="keep"), tmp_path)
    assert kept.warning is not None and kept.warning.endswith("x, line 3: '?'; a; x: 1; b")


def test_another_address_is_another_source(wild: server.FaultServer, tmp_path: Path) -> None:
    first = obtain(origin(wild.on(server.body(GOOD))), POLICY, tmp_path)
    moved = origin(wild.on(server.body(table(3)), path="/other"))
    has(obtain(moved, POLICY, tmp_path), table(3))  # fewer rows, of something else
    assert first.snapshot.path.read_bytes() == GOOD


# --- offline -------------------------------------------------------------------------------------


def test_offline(wild: server.FaultServer, tmp_path: Path) -> None:
    place = origin(wild.on(server.body(GOOD), server.status(500)))
    offline = policy(offline=True)
    for acquire in (obtain, refresh):
        with pytest.raises(InputError, match=r"offline: 'no snapshot'.*make refresh"):
            acquire(place, offline, tmp_path)
    assert wild.requests == []
    obtain(place, POLICY, tmp_path)
    has(obtain(place, offline, tmp_path), GOOD)
    outcome = refresh(place, offline, tmp_path)
    assert outcome.warning is not None and "offline" in outcome.warning
    assert len(wild.requests) == 1
    with pytest.raises(InputError, match="500"):
        refresh(place, POLICY, tmp_path)
    kept = obtain(place, offline, tmp_path)  # the last good one is what offline means
    assert kept.warning is not None and "500 Internal Server Error" in kept.warning


# --- kinds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "message"),
    [
        ("csv", GOOD, None),
        ("csv", b"\xef\xbb\xbf" + GOOD, None),
        ("csv", PAGE, "an HTML page, not csv"),
        ("json", b'[{"html": "<html>"}]', None),
        ("json", b"<?xml version='1.0'?>\n<html></html>", "an HTML page, not json"),
        ("lm_eval_harness", PAGE, "an HTML page, not lm_eval_harness"),
        ("markdown_table", b"<h1 align=center>Models</h1>\n\n| a |\n|---|\n| 1 |", None),
        ("markdown_table", b"\n<HTML lang=en>", "an HTML page, not markdown_table"),
        ("html_table", PAGE, None),
        ("html_table", LOGIN, None),  # a page may have a form; its parser finds no table
        ("html_table", b"<p>caf\xe9", "line 1: 'byte 0xe9 is not UTF-8'"),
        ("parquet", b"PAR1" + bytes(20) + b"PAR1", None),
        ("parquet", b"PAR1" + bytes(20), "not a whole Parquet file"),
        ("parquet", b"PAR1", "not a whole Parquet file"),
        ("parquet", PAGE, "an HTML page, not parquet"),
        ("parquet", GOOD, "not a whole Parquet file"),
        ("csv", " \n\ufeff".encode(), "empty"),
        ("csv", b"<!-- -->" * 500 + b"<p", None),  # and at once
        ("csv", b"<html" + b"<input " * 200_000, "an HTML page"),
    ],
)
def test_kinds_of_content(kind: str, content: bytes, message: str | None) -> None:
    expected = origin("http://127.0.0.1/x", kind=kind)
    if message is None:
        check_content(expected, content)
    else:
        with pytest.raises(InputError, match=message):
            check_content(expected, content)


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for directory in (root / "data", tmp_path / "shared/deep", tmp_path / "sharedmore"):
        directory.mkdir(parents=True)
        (directory / "x.csv").write_bytes(b"a\n")
    (root / "data/link.csv").symlink_to(tmp_path / "shared/deep/x.csv")
    (root / "data/zero").symlink_to("/dev/zero")
    (root / "data/inner.csv").symlink_to("x.csv")
    (root / "data/loop").symlink_to("loop")
    (root / "data/folder").symlink_to(tmp_path / "shared/deep")
    os.mkfifo(root / "data/pipe")
    return root


@pytest.mark.parametrize(
    "location",
    ["data/x.csv", "data/../data/x.csv", "data/inner.csv", "../project/data/x.csv"],
)
def test_files_of_the_project(project: Path, location: str) -> None:
    assert read_file(location, project, POLICY) == b"a\n"
    assert read_file(str(project / location), project, POLICY) == b"a\n"


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("../shared/deep/x.csv", "outside the project.*ALGOPROG_ALLOW"),
        ("data/link.csv", "outside the project"),
        ("data/loop", "outside the project|no such|symbolic"),
        ("data/folder/x.csv", "outside the project"),
        ("data/inner.csv/../../../shared/deep/x.csv", "outside the project|Not a directory"),
        ("/etc/hostname", "outside the project"),
        ("../projectile/x.csv", "outside the project"),
        ("file:///etc/hostname", "http or https"),
        ("ftp://127.0.0.1/x.csv", "http or https"),
        ("data/absent.csv", "no such file"),
        ("data/x.csv/y", "Not a directory"),
        ("data", "not a file"),
        ("data/pipe", "not a file"),
        ("data/zero", "outside the project"),
        ("data/\0", "null"),
    ],
)
def test_files_that_are_not_read(project: Path, location: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_file(location, project, POLICY)


def test_files_that_the_environment_allows(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    for allowed in ("../shared", str(project.parent / "shared"), "/nowhere:../shared/deep/"):
        monkeypatch.setenv("ALGOPROG_ALLOW", allowed)
        assert read_file("../shared/deep/x.csv", project, POLICY) == b"a\n"
        assert read_file("data/x.csv", project, POLICY) == b"a\n"
        for outside in ("../sharedmore/x.csv", "../shared/../sharedmore/x.csv"):
            with pytest.raises(InputError, match="outside the project"):
                read_file(outside, project, POLICY)
    assert read_file("data/link.csv", project, POLICY) == b"a\n"


def test_no_configuration_allows_files() -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate({"allow": ["/"]})


def test_files_that_are_too_large(project: Path) -> None:
    assert read_file("data/x.csv", project, policy(largest=2)) == b"a\n"
    with pytest.raises(InputError, match="over 1 bytes"):
        read_file("data/x.csv", project, policy(largest=1))
