"""YAML of a configuration: plain data within bounds, or one clear error at once."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from algoprog.common.errors import InputError
from algoprog.config.documents import DEEPEST, read_document

BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{this}: &{this} [{','.join(['*' + before] * 10)}]\n"
    for before, this in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "config.yaml, b.c: 'written again in line 4'; keep one"),
        ("a: [1\nb: 2\n", "config.yaml, line 2: "),
        ("", "config.yaml, line 1: ''; expected a mapping"),
        ("- a\n", "config.yaml, line 1: '- a'; expected a mapping"),
        ("a: 1\nb: caf\xe9\n", "config.yaml, line 2: 'byte 0xe9 is not UTF-8'"),
        (
            "a:\n  b: [2012-12-01, 2012-13-01]\n",
            "config.yaml, a.b.1: '2012-13-01'; no such date",
        ),
        # templates and code
        ("__use_yte__: true\nseed: '?1'\n", "config.yaml, __use_yte__: 'a template'; leave it out"),
        ("a: 1\n__use_yte__: false\n", "config.yaml, __use_yte__: 'a template'"),
        ("__definitions__:\n  - import os\n", "config.yaml, __definitions__: 'a template'"),
        ('"__use_yte__": true\n', "config.yaml, __use_yte__: 'a template'"),
        ('{"__use_yte__": true, "seed": "?1"}', "config.yaml, __use_yte__: 'a template'"),
        ("a: !!python/object/apply:os.system [id]\n", "config.yaml, a: 'the tag "),
        ("a: !!python/name:os.system\n", "config.yaml, a: 'the tag "),
        ("a: !mine b\n", "config.yaml, a: 'the tag "),
        # aliases
        ("evil: &a [*a]\n", "config.yaml, line 1: 'the alias *a of what it stands in"),
        ("evil: &a {b: *a}\n", "config.yaml, line 1: 'the alias *a of what it stands in"),
        ("evil: &a {b: &c [*a, *c]}\n", "config.yaml, line 1: 'the alias *a"),
        ("evil: *nothing\n", "config.yaml, line 1: 'the alias *nothing"),
        (BOMB, "config.yaml, line "),
        # depth and length
        ("a: " + "[" * 3_000 + "]" * 3_000, "config.yaml, line 1: 'nested over 40 deep'"),
        ("a: " + "{b: " * 3_000 + "1" + "}" * 3_000, "config.yaml, line 1: 'nested over 40 deep'"),
        ("? " * 3_000 + "a\n", "config.yaml, line 1: "),
        ("- " * 3_000 + "a\n", "config.yaml, line 1: "),
        ("a: [" + "1," * 200_000 + "]", "config.yaml, line 1: 'over 100,000 values'"),
        ("a: '" + "x" * 2_000_000 + "'", "config.yaml: '2,000,005 bytes'"),
        # numbers
        ("seed: " + "9" * 5_000, "config.yaml, seed: 'a number of 5,000 characters'"),
        ("a: {b: [" + "9" * 400 + "]}", "config.yaml, a.b.0: 'a number of 400 characters'"),
        ("a: 0x" + "f" * 400, "config.yaml, a: 'a number of 402 characters'"),
        ("a: 0b" + "1" * 400, "config.yaml, a: 'a number of 402 characters'"),
        ("a: 1" + ":59" * 400, "config.yaml, a: 'a number of"),
        ("a: !!int many\n", "config.yaml: "),
        ("a: !!float many\n", "config.yaml: "),
        ("a: !!timestamp soon\n", "config.yaml"),
        ("a: !!binary '*'\n", "config.yaml"),
        # keys
        ("? [a]\n: b\n", "config.yaml: 'a key in line 1 that is no text'"),
        ("? {a: b}\n: b\n", "config.yaml: 'a key in line 1 that is no text'"),
        ("a: \x1b[2J\n", "config.yaml"),
        ("\x00", "config.yaml: 'a binary file'"),
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_yaml_that_is_refused(text: str, message: str) -> None:
    began = time.process_time()
    with pytest.raises(InputError) as raised:
        read_document(text.encode("latin-1"), "config.yaml")
    assert time.process_time() - began < 5
    assert str(raised.value).startswith(message)
    assert "\x1b" not in str(raised.value)


def test_what_is_plain_is_read() -> None:
    text = (
        "\ufeffa: &shared {b: [1, 2.5, yes, null, 2012-12-01]}\n"
        f"c: *shared\nd: {{<<: *shared, e: {'9' * 40}}}\n"
    )
    shared = {"b": [1, 2.5, True, None, date(2012, 12, 1)]}
    expected = {"a": shared, "c": shared, "d": {**shared, "e": int("9" * 40)}}
    assert read_document(text.encode(), "config.yaml") == expected
    deep = "a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    assert read_document(deep.encode(), "config.yaml") == yaml.safe_load(deep)


LETTERS = st.text(st.characters(exclude_characters="\x85", exclude_categories=("Cs",)), max_size=8)


def _of(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(children, max_size=4) | st.dictionaries(LETTERS, children, max_size=4)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | LETTERS,
    _of,
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(LETTERS, PLAIN, max_size=4))
def test_what_yaml_writes_is_read(plain: dict[str, Any]) -> None:
    text = yaml.dump(plain, allow_unicode=True)
    assert read_document(text.encode(), "config.yaml") == plain


PIECES = (
    *(
        "a: ",
        "b: ",
        "- ",
        "? ",
        "[",
        "]",
        "{",
        "}",
        "&x ",
        "*x",
        "!!int ",
        "!!python/name:os ",
        "|",
    ),
    *("|", ">", "'", '"', "#", "%YAML 9", "---", "...", "<<: ", "\n", "\n  ", "\t", "1e5"),
    *(
        "2012-13-01",
        "__use_yte__: true",
        "~",
        "\\x00",
        "@",
        "`",
        "é",
        "\u202e",
        "0o9",
        "1_000",
        "_",
        "12:30:45",
    ),
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=20))
def test_any_text_is_a_mapping_or_one_error(text: str) -> None:
    try:
        found = read_document(text.encode("utf-8", "surrogatepass"), "config.yaml")
    except InputError as error:
        assert str(error)
    else:
        assert isinstance(found, dict)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_a_mapping_or_one_error(content: bytes) -> None:
    try:
        read_document(content, "config.yaml")
    except InputError as error:
        assert str(error)
