"""Fields of the configuration with hostile values: one clear error, or a valid configuration."""

from __future__ import annotations

import copy
import datetime
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from algoprog.common.errors import InputError
from algoprog.config.document import check_locations, parse_config
from algoprog.config.loading import read_mapping
from algoprog.config.plan.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
MAPPING = read_mapping(ROOT)
TEXTS = (
    "",
    " ",
    "\x00",
    "\x1b[2J\x1b]0;mine\x07",
    "\u202eevil\u2066",
    "../../../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://me:hunter2@127.0.0.1/?token=hunter2",
    "$(touch PWN) `touch PWN` ; touch PWN | & > PWN",
    "__import__('os').system('touch PWN')",
    "-{n+0*np.f2py.subprocess.os.system('touch PWN')}",
    "{{7*7}} {0} %s ${HOME} {wildcards.sample} {__class__.__mro__}",
    "=cmd|' /C calc'!A0",
    "<script>document.title='PWN'</script>",
    "$\\frac{a}{$",
    "'; DROP TABLE exclusions; --",
    "EXISTS (SELECT 1 FROM read_csv('http://127.0.0.1:1/x'))",
    "%Y-%m-%d%Y-%m-%d",
    "%Q%",
    "(a+)+$[",
    "x" * 5_000,
    "(" * 3_000,
    "1e400",
    "nan",
)
STEERING = set("\x00\x1b\x07\u202e\u2066")
NUMBERS = (0, -1, 1, 2**31, 2**63, 10**23, 10**45, -(10**45), 1e300, -1e300, 5e-324, -0.0)
OTHERS = (float("inf"), float("nan"), None, True, [], {}, [[]], {"a": 1}, datetime.date(1, 1, 1))


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value of the configuration that holds no other, with its place."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list) and node:
        for position, value in enumerate(node):
            yield from leaves(value, (*path, position))
    else:
        yield path, node


def fields() -> list[tuple[tuple[Any, ...], Any]]:
    """One place for each field: of entries of one kind the first that has it."""
    found = {}
    for path, value in leaves(MAPPING):
        kind = (path[0], *path[-2:], len(path))
        found.setdefault(kind, (path, value))
    return list(found.values())


FIELDS = fields()


def outcome(path: tuple[Any, ...], value: Any) -> str | None:
    """What is said of the configuration with another value at a place; None where it is valid."""
    mapping = copy.deepcopy(MAPPING)
    node: Any = mapping
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    try:
        config = parse_config(mapping)
        check_locations(config, ROOT)
        plan = Plan(config)
        assert plan.facts.settings
        assert plan.draws.jobs and plan.fits.paths("fits") is not None
    except InputError as error:
        return str(error)
    return None


# Of all fields with all values as many as fit into the time; the places come first, in turn.
CASES = [
    (path, random.Random(str(path)).choice((*TEXTS, *NUMBERS, *OTHERS)))
    for path, _ in random.Random(17).sample(FIELDS, 120)
]
# Fields that are read as more than plain text or numbers, with every value of their kind.
READ = {
    ("exclusions", "outlier", "where"): TEXTS,
    ("variants", "m07", "exponentials", 0, "alpha_year"): TEXTS,
    ("sources", "register", "location"): TEXTS,
    ("audit", "published"): TEXTS,
    ("seed",): (*NUMBERS, *OTHERS),
    ("bootstrap", "shards"): NUMBERS,
    ("acquisition",): OTHERS,
}
CASES += [(path, value) for path, values in READ.items() for value in values]


@pytest.mark.parametrize(("path", "value"), CASES, ids=range(len(CASES)))
def test_a_field(path: tuple[Any, ...], value: Any) -> None:
    said = outcome(path, value)
    if said is not None:
        assert said.count("\n") < 40
        assert "hunter2" not in said
        assert not STEERING & set(said)


@pytest.mark.parametrize("text", sorted({*TEXTS} - {"1e400", "nan"}), ids=lambda text: text[:20])
def test_names_of_entries(text: str) -> None:
    sections = ("sources", "samples", "variants", "exclusions", "corrections", "studies")
    for section in random.Random(text).sample(sections, 2):
        mapping = copy.deepcopy(MAPPING)
        mapping[section][text] = copy.deepcopy(next(iter(mapping[section].values())))
        with pytest.raises(InputError) as raised:
            parse_config(mapping)
        assert not STEERING & set(str(raised.value))
