"""A page at an address is downloaded once, checked, and adds what the register does not have."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Any

import fault_server as server
import pytest
from histories import RAW, README, SMALL, SPEEDRUN

from algoprog.common.errors import InputError
from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.histories.acquire import history_origin, read_registers
from algoprog.histories.analysis import Settings, histories_of
from algoprog.records.acquisition import obtain, refresh
from algoprog.records.snapshots import Policy

POLICY = Policy(timeout=5.0, deadline=20.0, attempts=1)
REGISTER = parse_config(read_mapping(RAW.parents[1])).settings["histories"]["sources"][
    "record_register"
]
SETTINGS = Settings((SMALL,), 10, 10, 10, {"long": [30], "short": [7]})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("records.csv", "record_tracks.csv"):
        (tmp_path / "data/raw").mkdir(parents=True, exist_ok=True)
        shutil.copy2(RAW / name, tmp_path / "data/raw" / name)
    return tmp_path


def read(project: Path, **sources: Any) -> Any:
    return read_registers(
        sources={"record_register": REGISTER, **sources},
        track_register="data/raw/record_tracks.csv",
        changes={},
        corrections={},
        read_as=(project, POLICY),
    )


def test_the_register_alone(project: Path) -> None:
    found = read(project)
    assert found.records.height == 390
    assert [h.track.name for h in histories_of(found, SETTINGS)][-1] == SMALL
    assert histories_of(found, SETTINGS)[-1].measure == "training_compute"


def test_a_page_adds_new_records_and_moves_the_day_watched(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with server.serving() as running:
        spec = {**SPEEDRUN, "location": running.on(server.body(README.encode()))}
        folder = project / "data/raw/speedrun"
        outcome = obtain(history_origin("speedrun", spec), POLICY, folder)
        found = read(project, speedrun=spec)
        assert found.records.height == 392
        until = found.tracks.filter(found.tracks["track"] == SMALL)["observed_until"][0]
        assert until == max(outcome.snapshot.sidecar.time.date(), datetime.date(2026, 8, 1))
        # a page whose cells can no longer be read does not take the good one's place
        running.on(server.body(README.replace("1.21 minutes", "soon").encode()))
        with pytest.raises(InputError, match="column Record time"):
            refresh(history_origin("speedrun", spec), POLICY, folder)
        assert read(project, speedrun=spec).records.equals(found.records)
