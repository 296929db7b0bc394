"""Values that cannot be right are refused, and those hard to believe are warned of."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from project_files import NAMES, REGISTER, ROOT, SETTINGS, read, register

from algoprog.common.errors import InputError
from algoprog.config.document import parse_config
from algoprog.config.loading import read_mapping
from algoprog.records.normalise import Records, Rules, normalize
from algoprog.records.plausible import Values, column_doubt
from algoprog.records.warned import lines

TODAY = datetime.date(2026, 11, 27)
VALUES = Values.of(SETTINGS["values"], SETTINGS["benchmarks"]["definitions"])


def normalized(*rows: dict[str, object], values: Values = VALUES) -> Records:
    return normalize([read(register(*rows))], {}, NAMES, ["register"], Rules(values, today=TODAY))


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ({"parameters": "7", "dataset_tokens": "300"}, ["parameters: 7.0", "scale: billion"]),
        ({"parameters": "0.125"}, ["parameters: 0.125"]),
        ({"parameters": "7.000"}, ["parameters: 7.0", "7.000 reads as 7"]),
        ({"dataset_tokens": "929.000"}, ["dataset_tokens: 929.0"]),
        ({"training_compute": "0.135"}, ["training_compute: 0.135"]),
        ({"parameters": "7e18"}, ["parameters: 7e+18", "1e+16"]),
        ({"published": "1970-01-01"}, ["published: 1970-01-01", "read as 0"]),
        ({"published": "2062-06-01"}, ["published: 2062-06-01", "not after today"]),
        ({"published": "2026-11-28"}, ["published: 2026-11-28", "not after today"]),
        ({"perplexity": "2e7"}, ["perplexity: 20000000.0"]),
        ({"epochs": "1e9"}, ["epochs: 1000000000.0"]),
        ({"vocabulary": "1"}, ["vocabulary: 1.0"]),
    ],
)
def test_a_value_that_cannot_be_right_is_refused(row: dict[str, object], parts: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        normalized({}, row)
    for part in ("source register, line 3, ", *parts):
        assert part in str(raised.value)


@pytest.mark.parametrize(
    ("row", "field", "part"),
    [
        ({"perplexity": "2.485"}, "perplexity", "wt103: perplexity from 5 to 2000"),
        ({"perplexity": "3000"}, "perplexity", "wt103: perplexity from 5 to 2000"),
        ({"benchmark": "ptb", "perplexity": "4.1"}, "perplexity", "a loss or an accuracy"),
        ({"published": "2010-01-01"}, "published", "of at least 2016-09-01"),
        ({"parameters": "24000"}, "parameters", "`scale`"),
        ({"dataset_tokens": "5000", "training_compute": ""}, "dataset_tokens", "`scale`"),
        ({"vocabulary": "50"}, "vocabulary", "200 to 2e+06"),  # in thousands
        ({"vocabulary": "50.257"}, "vocabulary", "200 to 2e+06"),
        ({"training_compute": "6.2e11"}, "training_compute", "0.001 to 100000"),
        ({"training_compute": "6.2e26"}, "training_compute", "FLOP in other units"),
        ({"epochs": "50000"}, "epochs", "0.01 to 10000"),
    ],
)
def test_a_value_hard_to_believe_is_warned_of(row: Any, field: str, part: str) -> None:
    found = normalized({}, row, {"system": "C"})
    assert found.evaluations.height == 3
    (warning,) = found.warnings.filter(kind="implausible").to_dicts()
    assert (warning["source_row"], warning["field"]) == (2, field)
    assert part in warning["said"] and part in "\n".join(lines(found.warnings))


def test_what_is_today_changes_no_number() -> None:
    rows: list[dict[str, object]] = [{}, {"published": "2024-05-05", "system": "B"}]
    frame = read(register(*rows))
    found = [
        normalize([frame], {}, NAMES, ["register"], Rules(VALUES, today=day))
        for day in (TODAY, datetime.date(2040, 1, 1))
    ]
    assert found[0].evaluations.equals(found[1].evaluations)
    assert found[0].warnings.equals(found[1].warnings)


def test_compute_is_compared_with_what_parameters_tokens_and_epochs_explain() -> None:
    for row in (
        {"training_compute": "6.3e15"},  # 6 N D E = 6.18e15
        {"training_compute": "6.3e12"},
        {"training_compute": "6e20"},
        {"training_compute": "6e12", "epochs": ""},  # 1 epoch, and the least number
        {"training_compute": "6e12", "parameters": ""},
        {"training_compute": ""},
    ):
        assert normalized({}, row).warnings.filter(field="training_compute").is_empty(), row
    silent = Values.of({"compute_ratio": None}, {})
    found = normalized({}, {"training_compute": "6.2e26"}, values=silent)
    assert found.warnings.filter(kind="implausible").is_empty()


def test_a_count_of_zero_is_an_unknown_one() -> None:
    assert normalized({"parameters": "0", "dataset_tokens": "0"}).warnings.is_empty()


def test_the_register_is_plausible() -> None:
    records = read(REGISTER.read_bytes())
    assert VALUES.implausible(records) == []
    assert list(VALUES.impossible(records, TODAY)) == []


def test_a_leap_below_all_before_it_and_a_date_long_before_all_others() -> None:
    """A loss of 12.1 nats is a plausible perplexity; against what was there it is not."""
    found = normalized(
        {"perplexity": "60"},
        {"perplexity": "50", "published": "2020-02-02"},
        {"perplexity": "12.1", "published": "2021-02-02", "system": "loss"},
        {"perplexity": "49", "published": "2021-02-02"},
        {"benchmark": "ptb", "published": "2011-01-01", "system": "early"},
        {"benchmark": "ptb"},
        {"benchmark": "ptb", "published": "2020-02-02"},
    )
    doubted = found.warnings.filter(kind="implausible").select("system", "field").rows()
    assert doubted == [("loss", "perplexity"), ("early", "published")]
    none = Values(VALUES.possible, VALUES.plausible)
    assert none.implausible(found.evaluations) == []


def test_ranges_of_a_benchmark_stand_in_place_of_the_general_ones() -> None:
    given = {"plausible": {"perplexity": [10, 100], "epochs": [1, None]}}
    values = Values.of(given, {"ptb": {"plausible": {"perplexity": [1, None]}}})
    records = read(register({"perplexity": "5"}, {"perplexity": "5", "benchmark": "ptb"}))
    assert [at for at, _, _ in values.implausible(records)] == [0]
    blank = records.with_columns(pl.lit(None, pl.String).alias("benchmark"))
    assert [at for at, _, _ in values.implausible(blank)] == [0, 1]


def test_ranges_of_the_configuration() -> None:
    mapping = read_mapping(ROOT)
    mapping["values"]["plausible"]["perplexity"] = [100, 2]
    with pytest.raises(InputError, match=r"values\.plausible\.perplexity.*least value first"):
        parse_config(mapping)


@pytest.mark.parametrize(
    ("column", "part"),
    [
        ("EM", "share of right answers"),
        ("Accuracy (%)", "share of right answers"),
        ("test_acc", "share of right answers"),
        ("F1", "share of right answers"),
        ("Validation loss", "`metric`"),
        ("testLoss", "`metric`"),
        ("BPC", "`metric`"),
    ],
)
def test_a_column_that_says_it_holds_something_else(column: str, part: str) -> None:
    assert part in str(column_doubt(column))
    frame = read(register({}))
    found = normalize([frame], {}, NAMES, [], Rules(scores={"register": [column]}))
    (line,) = lines(found.warnings)
    assert line.startswith(f"source register: column {column!r} is read as perplexity")


@pytest.mark.parametrize("column", ["Test perplexity", "PPL", "perplexity", "Ppl (exact)", "WT103"])
def test_a_column_of_perplexity(column: str) -> None:
    assert column_doubt(column) is None


def test_scale_of_a_column() -> None:
    columns = SETTINGS["sources"]["register"]["columns"]
    for scale, factor in (("billion", 1e9), ("thousand", 1e3), (1e6, 1e6)):
        scaled = {**columns, "parameters": {"column": "parameters", "scale": scale}}
        frame = read(register({"parameters": "6.5"}, {"parameters": ""}), columns=scaled)
        assert frame["parameters"].to_list() == [6.5 * factor, None]


def test_lines_list_the_first_and_count_the_others() -> None:
    found = normalized(*({"perplexity": "3", "system": f"S\x1b[31m{i}"} for i in range(5)))
    first, *listed = lines(found.warnings)
    assert first.startswith("source register: 5 values that are hard to believe")
    assert len(listed) == 3 and "\x1b" not in "".join(listed)
