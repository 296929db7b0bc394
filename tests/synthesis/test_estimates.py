"""Ours beside others: looked up, never made up, and grouped by what they measure."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from algoprog.catalogue import TABLES
from algoprog.common.errors import InputError
from algoprog.common.settings import rebuild
from algoprog.config.document import parse_config
from algoprog.config.loading import merged, read_mapping
from algoprog.config.plan.plan import Plan
from algoprog.synthesis.estimates import estimate_table, left_out_table, periods, same_things
from algoprog.synthesis.layouts import COVERAGES, LAYOUTS
from algoprog.synthesis.ours import ours
from algoprog.synthesis.published import published
from algoprog.synthesis.settings import Own, Settings, Simulated
from algoprog.tables.csv import write_table
from algoprog.tables.frames import frame_of

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared/data/published_estimates.csv"
PLAN = Plan(parse_config(read_mapping(ROOT)))
SETTINGS = rebuild(PLAN.estimates.settings, Settings)
COMMON = {
    "label": "Ours {direction}", "domain": "language_modelling", "scope": "",
    "quantity": "training_compute", "setting": "all_systems", "definition": "own_allocation",
}  # fmt: skip


def answers(*growth: float) -> pl.DataFrame:
    rows = [
        {"role": "headline", "definition": "own_allocation", "direction": f"d{i}",
         "growth_point": g, "growth_ci95_low": g - 1.0, "growth_ci95_high": g + 1.0}
        for i, g in enumerate(growth)
    ]  # fmt: skip
    return frame_of(TABLES["headline_answers"], rows)


def test_the_register_has_every_published_estimate_as_converted_by_hand() -> None:
    register = PLAN.config.estimates.published
    contents = {register: (ROOT / register).read_bytes()}
    found = {one.id: one.row for one in published(contents, register, SETTINGS)}
    assert len(found) == 31
    assert found["rosetta2025_all"]["months"] == pytest.approx(12 * math.log(2) / math.log(5.84))
    assert found["hernandez2020"]["months"] == 16
    if not SHARED.is_file():
        pytest.skip("the compiled estimates are not here")
    for row in csv.DictReader(SHARED.open(encoding="utf-8")):
        ours_of = found[row["id"]]
        for theirs, name in (("halving_months", "months"), ("months_lo", "low"),
                             ("months_hi", "high")):  # fmt: skip
            if row[theirs]:
                assert ours_of[name] == pytest.approx(float(row[theirs]), rel=0.01), row["id"]
        if "second hand" in row["status"] or "S/V" in row["status"]:
            assert not ours_of["verified"], row["id"]


def test_ours_come_from_the_tables() -> None:
    asked = {"x": Own("headline_answers", each=["direction"], **COMMON)}
    tables = {"headline_answers": answers(0.5, -0.2)}
    (first, second), absent = ours(tables, asked, {})
    assert not absent
    assert (first.id, first.label) == ("x-d0", "Ours d0")
    assert first.row["months"] == pytest.approx(12 * math.log(2) / 0.5)
    assert first.row["low"] == pytest.approx(12 * math.log(2) / 1.5)
    assert first.row["high"] == math.inf and first.row["determined"] is False
    assert second.row["months"] == math.inf and second.row["growth"] == -0.2
    moved = ours({"headline_answers": answers(0.6, -0.2)}, asked, {})[0][0]
    assert moved.row["months"] != first.row["months"]


def test_what_is_not_there_is_said() -> None:
    asked = {
        "a": Own("sweep_totals", years=11.0, **COMMON | {"label": "Total ({worse})"}),
        "b": Own("headline_answers", where={"role": "published"}, **COMMON),
        "c": Own("headline_answers", where={"role": "headline"}, **COMMON),
    }
    found, absent = ours({"headline_answers": answers(math.nan)}, asked, {})
    assert not found
    table = left_out_table(absent)
    assert table["reason"].to_list() == [
        "its table was not made", "no row of its table matches", "there is no number in its row",
    ]  # fmt: skip
    assert table["label"][0] == "Total"


def test_rows_that_nothing_tells_apart_are_refused() -> None:
    with pytest.raises(InputError, match=r"estimates\.ours\.x\.where"):
        ours({"headline_answers": answers(0.5, 0.4)}, {"x": Own("headline_answers", **COMMON)}, {})


def test_doublings_totals_and_shares_of_a_level() -> None:
    record = {"track": "t", "measure": "cost", "variant": "headline", "title": "T", "rate": 2.0,
              "rate_fifths_low": 1.0, "rate_fifths_high": 4.0, "opened": date(2020, 1, 1),
              "until": date(2021, 1, 1)}  # fmt: skip
    tables = {
        "record_rates": frame_of(TABLES["record_rates"], [record]),
        "sweep_totals": frame_of(
            TABLES["sweep_totals"],
            [{"worse": "a", "total": 2.0**11, "ci95_low": 0.5, "ci95_high": 4.0}],
        ),
        "capability_rates": frame_of(
            TABLES["capability_rates"],
            [{"way": "A", "growth": 1.0, "growth_low": 0.5, "growth_high": 2.0, "level": 0.9}],
        ),
    }  # fmt: skip
    plain = COMMON | {"label": "x"}
    asked = {
        "r": Own("record_rates", period="table", **plain),
        "t": Own("sweep_totals", years=11.0, **plain),
        "c": Own("capability_rates", **plain),
    }
    found = {one.id: one for one in ours(tables, asked, {})[0]}
    assert found["r"].row["months"] == pytest.approx(6)
    assert (found["r"].row["low"], found["r"].row["high"]) == pytest.approx((3, 12))
    assert found["r"].period_to == date(2021, 1, 1)
    assert found["t"].row["months"] == pytest.approx(12)
    assert found["t"].row["high"] == math.inf
    assert found["c"].row["level"] == pytest.approx(90)


def test_simulated_coverage_is_of_the_level_of_the_interval() -> None:
    rows = [
        {"world": str(share), "method": method, "coverage90": 0.5, "coverage95": share}
        for share, method in ((0.93, "percentile"), (0.96, "percentile"), (0.1, "basic"))
    ]
    tables = {
        "coverage": frame_of(TABLES["coverage"], rows),
        "headline_answers": answers(0.5),
    }
    told = Simulated("coverage", {"method": "percentile"})
    (one,), _ = ours(tables, {"x": Own("headline_answers", coverage=told, **COMMON)}, {})
    assert (one.row["coverage"], one.row["coverage_highest"]) == (0.93, 0.96)
    del tables["coverage"]
    (one,), _ = ours(tables, {"x": Own("headline_answers", coverage=told, **COMMON)}, {})
    assert one.row["coverage"] is None


def test_only_what_is_alike_in_all_three_measures_the_same(tmp_path: Path) -> None:
    def one(name: str, **changes: str):
        tables = {"headline_answers": answers(0.5)}
        own = Own("headline_answers", **COMMON | {"label": name} | changes)
        return ours(tables, {name: own}, {})[0][0]

    rows = [
        one("a"), one("b", setting="frontier"), one("c", definition="closed_form"),
        one("d", domain="vision"),
    ]  # fmt: skip
    table = estimate_table(rows, SETTINGS.words)
    write_table(tmp_path / "estimates.csv", TABLES["estimates"], table)
    groups = [[row["label"] for row in group.rows] for group in same_things(table.to_dicts())]
    assert groups == [["c"], ["b", "a"], ["d"]]
    same = same_things(table.to_dicts())[1]
    assert set(same.settings) == {"frontier", "all_systems"}
    assert same.range("published") is None
    assert same.range("ours") == pytest.approx((12 * math.log(2) / 0.5,) * 2)


def test_periods_are_of_the_samples() -> None:
    sample = pl.DataFrame({"published": [date(2014, 1, 2), date(2013, 1, 1)]})
    versions = [
        {"model_version": str(i), "released": date(2020 + i, 1, 1), "in_rates": i < 2}
        for i in range(3)
    ]
    found = periods({"capability_models": frame_of(TABLES["capability_models"], versions)}, sample)
    assert found == {
        "sample": (date(2013, 1, 1), date(2014, 1, 2)),
        "capability": (date(2020, 1, 1), date(2021, 1, 1)),
    }


def test_layouts_are_of_declared_columns() -> None:
    for name, layout in LAYOUTS.items():
        said = (layout.value, layout.low, layout.high, layout.opened, layout.until, layout.note)
        level = [layout.level] if isinstance(layout.level, str) else []
        assert {column for column in (*said, *level) if column} <= set(TABLES[name].names), name
    for name, covered in COVERAGES.items():
        assert set(covered.columns.values()) <= set(TABLES[name].names), name


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("table", "fits", "no table fits here"),
        ("where", {"colour": "red"}, "has no column colour"),
        ("label", "{colour}", "name columns of the table"),
        ("years", 3.0, "give `years` of a total factor"),
        ("domain", "nowhere", "expected one of estimates.words.domains"),
    ],
)
def test_a_mistake_in_the_configuration(place: str, value: object, message: str) -> None:
    given = {"estimates": {"ours": {"capability": {place: value}}}}
    with pytest.raises(InputError) as raised:
        parse_config(merged(read_mapping(ROOT), given))
    assert message in str(raised.value) and "estimates.ours.capability" in str(raised.value)


def test_a_row_of_the_configuration_is_an_estimate() -> None:
    row = {"label": "Mine", "source": "Me", "domain": "vision", "quantity": "training_compute",
           "setting": "catch_up", "definition": "fixed_target", "unit": "months", "value": 9.0,
           "low": 4.0, "high": math.inf}  # fmt: skip
    config = parse_config(merged(read_mapping(ROOT), {"estimates": {"more": {"mine": row}}}))
    settings = rebuild(Plan(config).estimates.settings, Settings)
    contents = {path: (ROOT / path).read_bytes() for path in Plan(config).estimates.files}
    (mine,) = (one for one in published(contents, config.estimates.published, settings)
               if one.id == "mine")  # fmt: skip
    assert mine.row["months"] == pytest.approx(9) and mine.row["high"] == math.inf
    assert not mine.row["verified"]


def test_what_is_disabled_is_not_read() -> None:
    off = parse_config(merged(read_mapping(ROOT), {"estimates": {"enabled": False}}))
    assert "estimates" not in Plan(off).results.all_tables
    small = {"capability": {"enabled": False}, "sweeps": {"enabled": False}}
    plan = Plan(parse_config(merged(read_mapping(ROOT), small)))
    assert not any("capability" in path or "sweep" in path for path in plan.estimates.tables)
