"""Scores at an address: downloaded once, checked before they count, read like a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from capability_data import RAW
from fault_server import FaultServer, body, serving

from algoprog.addresses import expected
from algoprog.capability.reading import FIELDS, Read, read_planned
from algoprog.common.errors import InputError
from algoprog.records.acquisition import obtain
from algoprog.records.snapshots import Policy, source_directory

FIVE = b"""Model,Test,Accuracy
My Model 1.0,MMLU,85.5
My Model 1.0,GPQA diamond,61
My Model 1.0,GSM8K,94
My Model 1.0,MATH level 5,55.5
My Model 1.0,Winogrande,86
"""
POLICY = Policy(attempts=1)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as running:
        yield running


def spec(address: str, **other: Any) -> dict[str, Any]:
    columns = {"model_version": "Model", "benchmark": "Test", "score": "Accuracy"}
    said = {"kind": "csv", "location": address, "columns": columns, "divisor": 100}
    return {**said, "constants": {"source": "our own runs"}, "sha256": None, **other}


def read(root: Path, mine: dict[str, Any]) -> Read:
    files = {name: f"data/raw/capability_{name}.csv" for name in FIELDS}
    for path in [*files.values(), "data/raw/capability_scores.csv"]:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((RAW / place.name).read_bytes())
    register = {"kind": "csv", "location": "data/raw/capability_scores.csv", "columns": {},
                "divisor": 1, "constants": {}, "sha256": None}  # fmt: skip
    call = {
        "files": files,
        "sources": {"capability_scores": register, "mine": mine},
        "aliases": {"My Model 1.0": "my-model-1"},
        "added_versions": {"my-model-1": {"released": "2025-06-01"}},
        "added_benchmarks": {},
        "policy": {"largest": POLICY.largest},
    }
    return read_planned(root, call)


def test_scores_of_an_address_are_read_from_their_snapshot(
    tmp_path: Path, server: FaultServer
) -> None:
    mine = spec(server.on(body(FIVE)))
    there = expected("capability", "mine", mine)
    obtain(there, POLICY, source_directory(tmp_path, "mine"))
    found = read(tmp_path, mine)
    scores = found.published.registers.scores
    added = scores.filter(pl.col("model_version") == "my-model-1")
    assert added["score"].to_list() == [0.855, 0.61, 0.94, 0.555, 0.86]
    assert found.names.count("mine") == 5
    assert len(server.requests) == 1


def test_an_address_without_a_snapshot_is_refused(tmp_path: Path, server: FaultServer) -> None:
    with pytest.raises(InputError, match="no snapshot of this address"):
        read(tmp_path, spec(server.on(body(FIVE))))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (FIVE.replace(b"85.5", b"8550"), "score"),
        (FIVE.replace(b"85.5", b"many"), "many"),
        (FIVE.replace(b"Accuracy", b"Points"), "Accuracy"),
        (b"<!doctype html><html><body>Please sign in</body></html>", "HTML"),
    ],
)
def test_what_cannot_be_read_takes_no_place(
    tmp_path: Path, server: FaultServer, content: bytes, message: str
) -> None:
    there = expected("capability", "mine", spec(server.on(body(content))))
    with pytest.raises(InputError, match=message):
        obtain(there, POLICY, source_directory(tmp_path, "mine"))
    assert not list(source_directory(tmp_path, "mine").glob("*.csv"))


def test_each_part_reads_its_own_sources(server: FaultServer) -> None:
    mine = spec(server.on(body(FIVE)))
    assert expected("capability", "mine", mine).mapped == ("Model", "Test", "Accuracy")
