"""Every text of the configuration's schema, with any text: one clear error, or it is valid.

They are some 10,000 cases, the same in every run; tests/records/test_fuzz.py has the parsers'.
Nothing of a configuration is run, no file outside the project is opened, no network is asked, and
every case is bounded in time and memory (tests/support/harmless.py).
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from harmless import harmless
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schema_places import Schema

from algoprog.common.errors import InputError
from algoprog.config.document import check_locations, parse_config
from algoprog.config.loading import read_mapping
from algoprog.config.plan.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
MAPPING = read_mapping(ROOT)
SCHEMA = Schema(json.loads((ROOT / "config.schema.json").read_text(encoding="utf-8")))
PLACES = sorted(SCHEMA.places(), key=str)

HOSTILE = (
    *("", " ", "\x00", "\n", "\t", "\ufeff", "\ud800", "\udcff", "\u2028", "\x85", "\x7f"),
    *("\x1b[2J\x1b]0;mine\x07", "\u202eevil\u2066", "\u200b", "a\u0301", "ﬁ", "İ"),
    *("../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "~/.netrc", "data/raw/\x00"),
    *("http://me:hunter2@127.0.0.1/?token=hunter2", "https://[::1", "http://", "ftp://a/b"),
    *("http://127.0.0.1:99999/", "HTTP://me:hunter2@a\\b", "//me:hunter2@host/x", "\\\\host\\x"),
    *("$(touch PWN) `touch PWN` ; touch PWN | & > PWN", "${HOME}", "%PATH%", "!cmd", "~root"),
    *("__import__('os').system('touch PWN')", "{__import__('os').system('touch PWN')}"),
    "-{n+0*np.f2py.subprocess.os.system('touch PWN')}",
    "{{7*7}} {0} {} %s {wildcards.sample} {__class__.__mro__} {config[seed]}",
    *("{{ cycler.__init__.__globals__.os.popen('id') }}", "{% raw %}", "?1+1", "__use_yte__"),
    *("=cmd|' /C calc'!A0", "<script>document.title='PWN'</script>", "</svg>", "$\\frac{a}{$"),
    *("'; DROP TABLE exclusions; --", "1=1); COPY rows TO 'PWN'; --", "ATTACH 'PWN'", "a\\"),
    "EXISTS (SELECT 1 FROM read_csv('http://127.0.0.1:1/x'))",
    "system IN (SELECT content FROM read_text('/etc/passwd'))",
    *("TRUE OR " * 20_000 + "TRUE", "NOT " * 9_000 + "TRUE", "lpad(system, 2000000000, 'x')"),
    *("regexp_matches(system, '(a+)+$')", "getenv('HOME') = 'x'", "now() > published"),
    *("%Y-%m-%d%Y-%m-%d", "%Q%", "%", "%s" * 500, "%c", "%Z"),
    *("(a+)+$[", "(?P<x>", "{number}" * 40, "{number} {number", "{text}{text}{text}{text}{text}"),
    *(
        "(" * 3_000,
        "{" * 3_000,
        "-" * 9_000 + "n",
        "n" + "^n" * 2_000,
        "9" * 5_000,
        "1" + "0" * 400,
    ),
    *("x" * 100_000, "a." * 5_000, "a[]" * 500, "1e400", "nan", "-inf", "1_0", "0x10", "١٢", "½"),
    *("con", "nul", ".", "..", "a/b", "a\\b", "a:b", "*", "?", "-rf", "--config", "@file", "~"),
)
STEERING = {chr(code) for code in (*range(9), *range(11, 32), 0x7F, *range(0x80, 0xA0))}
STEERING |= set("\u202e\u2066\u2028\ufeff")
WORDS = (
    *("n", "d", "t", "b", "system", "epochs", "wt103", "paper", "m07", "headline", "number", "1"),
    *("2.5", "+", "-", "*", "/", "^", ":", "(", ")", "{", "}", "[]", ".", ",", "'", '"', " "),
    *("log(", "exp(", "sqrt(", ">=", " IS NOT TRUE", " AND ", "CAST(", " AS ", "SELECT ", "%Y"),
    *("__import__", "../", "http://", "file:", "\\", "$", "\x1b", "\u202e"),
)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(WORDS), max_size=30).map("".join),
    st.text(max_size=60),
    st.text(st.characters(), max_size=20),  # halves of surrogate pairs too, as JSON may have them
)
# Sections in turn: those of sources have most of the places.
ANYWHERE = st.sampled_from(sorted({str(place[0]) for place in PLACES})).flatmap(
    lambda section: st.sampled_from([place for place in PLACES if place[0] == section])
)
CASES = {"derandomize": True, "deadline": None, "database": None}
QUIET = {"suppress_health_check": list(HealthCheck)}


def checked(error: InputError) -> None:
    """An error is a few lines that a terminal shows as they are, without a password."""
    said = str(error)
    assert said and said.encode("utf-8")
    assert not STEERING & set(said)
    assert "hunter2" not in said
    assert all(len(line) < 2_000 for line in said.splitlines())


def in_its_section(place: tuple[Any, ...], text: str) -> dict[str, Any]:
    """Its section, with one entry of it, and no other; the others are missing."""
    section = str(place[0])
    node, found = SCHEMA.whole["properties"][section], MAPPING.get(section)
    return {section: SCHEMA.given(place[1:], text, node, SCHEMA.one_entry(place, found))}


def test_there_are_texts_everywhere() -> None:
    sections = {place[0] for place in PLACES}
    assert len(PLACES) > 2_000 and len(sections) > 25
    for text in ("where", "location", "formats", "pattern", "same_as", "label", "exponentials"):
        assert any(text in place for place in PLACES), text


@pytest.mark.parametrize(
    "act",
    [
        lambda: Path("/etc/hostname").read_text(encoding="utf-8"),
        lambda: os.system("true"),
        lambda: subprocess.run(["true"], check=False),
        lambda: socket.create_connection(("127.0.0.1", 1), timeout=1),
        lambda: (ROOT / "data/raw/lm_evaluations.csv").open("a").close(),
    ],
)
def test_what_a_case_does_is_seen(act: Callable[[], object]) -> None:
    with pytest.raises(AssertionError), harmless(), suppress(OSError):
        act()


def test_a_case_without_end_is_ended() -> None:
    with pytest.raises(AssertionError, match="seconds of CPU"), harmless(0.01):
        while True:
            pass


def section_case(place: tuple[Any, ...], text: str) -> None:
    mapping = in_its_section(place, text)
    with harmless(), pytest.raises(InputError) as raised:
        parse_config(mapping)
    checked(raised.value)


def test_every_place_with_a_hostile_text() -> None:
    """Whatever else is missing: every validator of a section reads the text."""
    chosen = random.Random(17)
    for place in PLACES:
        section_case(place, chosen.choice(HOSTILE))


@settings(max_examples=2_000, **CASES, **QUIET)
@given(ANYWHERE, TEXTS)
def test_any_place_with_any_text(place: tuple[Any, ...], text: str) -> None:
    section_case(place, text)


@settings(max_examples=300, **CASES, **QUIET)
@given(ANYWHERE, TEXTS)
def test_a_whole_configuration(place: tuple[Any, ...], text: str) -> None:
    """One clear error, or a configuration whose jobs can be planned."""
    section = str(place[0])
    node, found = SCHEMA.whole["properties"][section], MAPPING.get(section)
    mapping = {**MAPPING, section: SCHEMA.given(place[1:], text, node, found)}
    with harmless():
        try:
            config = parse_config(mapping)
            check_locations(config, ROOT)
            plan = Plan(config)
            assert plan.facts.settings
            assert plan.draws.jobs and plan.fits.paths("fits") is not None
        except InputError as error:
            checked(error)


def test_a_case_that_grows_is_seen() -> None:
    with pytest.raises(AssertionError, match="MiB at once"), harmless(largest=20):
        assert len(b"x" * 2**26) == 2**26
    with harmless(largest=20):  # and is forgotten by the next
        pass
