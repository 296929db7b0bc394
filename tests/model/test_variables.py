"""Variables that a configuration adds: made of records, held by samples, named by formulas."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from record_rows import records

from algoprog.common.errors import InputError
from algoprog.config.sections.variables import resolved
from algoprog.model.growth import ClosedForm
from algoprog.model.model import Model
from algoprog.model.variant import Variant
from algoprog.quantities.own_allocation import OwnAllocation
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.measured import Measured
from algoprog.records.sample import Sample, SampleSpec, select

BENCHMARKS = Benchmarks.of({"baseline": "wt103", "definitions": {"wt103": {"vocabulary": None}}})
COMPUTE = Measured("log(training_compute)")


def made(n: int = 12, **blank: int) -> pl.DataFrame:
    """Records whose recorded compute is not 6ND; those of the numbers in `blank` lack a field."""
    draw = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    for i in range(n):
        size, tokens = 10 ** draw.uniform(6, 10), 10 ** draw.uniform(8, 12)
        rows.append(
            {
                "system": f"s{i}",
                "paper": f"p{i}",
                "published": datetime.date(2014 + i % 9, 3, 1 + i),
                "parameters": size,
                "dataset_tokens": tokens,
                "perplexity": float(draw.uniform(10, 60)),
                "training_compute": 6 * size * tokens * draw.uniform(0.5, 20),
                "epochs": float(1 + i % 4),
            }
        )
    for field, row in blank.items():
        rows[row][field] = None
    return records(*rows)


def sample(frame: pl.DataFrame, **variables: Measured) -> Sample:
    spec = SampleSpec("mine", {}, None, BENCHMARKS, variables=variables)
    return Sample("mine", select(frame, spec).rows, BENCHMARKS)


def variant(terms: dict[str, str], **scales: str | None) -> Variant:
    return Variant.of("mine", {"exponentials": [terms], "variables": scales})


def test_records_without_a_variable_leave_the_sample_and_are_listed() -> None:
    spec = SampleSpec("mine", {}, None, BENCHMARKS, variables={"k": COMPUTE})
    drawn = select(made(training_compute=4), spec)
    assert drawn.rows.height == 11
    assert drawn.excluded.select("system", "reason").rows() == [
        ("s4", "no value of the variable k: log(training_compute)")
    ]
    assert drawn.steps["step"].to_list() == ["records", "variable k"]


def test_a_variable_is_counted_from_its_least_value_unless_it_says_otherwise() -> None:
    frame = made()
    rows = sample(frame, k=COMPUTE, e=Measured("epochs", from_least=False)).rows
    expected = np.log(rows["training_compute"].to_numpy())
    assert rows["variable_k"].to_numpy() == pytest.approx(expected - expected.min())
    assert rows["variable_e"].to_list() == rows["epochs"].to_list()


def test_a_value_that_is_not_finite_counts_as_unknown() -> None:
    frame = made().with_columns(pl.when(pl.col("system") == "s2").then(1.0).otherwise("epochs"))
    frame = frame.with_columns(epochs=pl.when(pl.col("system") == "s2").then(1.0).otherwise(2.0))
    left = select(
        frame,
        SampleSpec(
            "mine",
            {},
            None,
            BENCHMARKS,
            variables={"x": Measured("log(epochs - 1)", from_least=False)},
        ),
    )
    assert left.excluded["system"].to_list() == ["s2"]


def test_a_formula_of_a_field_that_no_record_has_is_refused() -> None:
    with pytest.raises(InputError, match="gpus") as refused:
        sample(made(), g=Measured("log(gpus)"))
    assert refused.value.place == "variables.g"


def test_a_formula_names_it_like_any_other_variable() -> None:
    drawn = sample(made(), k=COMPUTE)
    model = Model.of(variant({"a": "1", "r": "-t", "e": "-k"}, k="compute"), drawn)
    assert model.design.columns[2] == pytest.approx(-drawn.rows["variable_k"].to_numpy())


def test_a_sample_without_the_variable_is_refused_with_what_to_do() -> None:
    model = Model.of(variant({"a": "1", "r": "-t", "e": "-k"}, k="compute"), sample(made()))
    with pytest.raises(InputError, match="add it to the sample's variables"):
        _ = model.design


def test_recorded_compute_that_is_6nd_grows_as_c_does() -> None:
    exact = made().with_columns(
        training_compute=6 * pl.col("parameters") * pl.col("dataset_tokens")
    )
    drawn = sample(exact, k=COMPUTE)
    ours = Model.of(variant({"a": "1", "r": "-t", "e": "-k"}, k="compute"), drawn)
    known = Model.of(variant({"a": "1", "r": "-t", "e": "-c"}), drawn)
    theta = np.array([[0.4, 0.11, 0.05]])
    assert OwnAllocation.of(ours).growth(theta) == pytest.approx(
        OwnAllocation.of(known).growth(theta)
    )
    closed = [ClosedForm.of(one.variant, one.units) for one in (ours, known)]
    assert all(closed)
    growths = [one.compute_growth(theta) for one in closed if one]
    assert growths[0] == pytest.approx(growths[1])
    assert growths[0] == pytest.approx([0.11 / 0.05])
    at = {"t": 1.0, "n": 2.0, "d": 3.0, "c": 5.0}
    assert ours.at(**at).columns == pytest.approx(known.at(**at).columns)


def test_a_variable_of_parameters_moves_with_parameters_alone() -> None:
    drawn = sample(made(), k=Measured("log(parameters)"))
    ours = Model.of(variant({"a": "1", "r": "-t", "e": "-k"}, k="parameters"), drawn)
    known = Model.of(variant({"a": "1", "r": "-t", "e": "-n"}), drawn)
    theta = np.array([[0.4, 0.11, 0.05]])
    for direction in ("alike", "parameters", "data"):
        assert OwnAllocation.of(ours).growth(theta, direction) == pytest.approx(  # type: ignore[arg-type]
            OwnAllocation.of(known).growth(theta, direction),  # type: ignore[arg-type]
            nan_ok=True,
        )


def test_a_variable_without_a_scale_stays_where_parameters_and_tokens_grow() -> None:
    """Growth is then not defined where it alone stands for scale, and partial beside n and d."""
    drawn = sample(made(), k=COMPUTE)
    theta = np.array([[0.4, 0.11, 0.05]])
    alone = Model.of(variant({"a": "1", "r": "-t", "e": "-k"}, k=None), drawn)
    assert np.isnan(OwnAllocation.of(alone).growth(theta)).all()
    assert ClosedForm.of(alone.variant, alone.units) is None
    beside = Model.of(variant({"a": "1", "r": "-t", "p": "-n", "e": "-k"}, k=None), drawn)
    without = Model.of(variant({"a": "1", "r": "-t", "p": "-n"}), drawn)
    at = np.array([[0.4, 0.11, 0.06, 0.0]])
    assert OwnAllocation.of(beside).growth(at) == pytest.approx(
        OwnAllocation.of(without).growth(at[:, :3])
    )


def test_at_points_that_no_record_has_it_is_as_much_above_its_scale_as_on_average() -> None:
    drawn = sample(made(), k=COMPUTE, e=Measured("epochs", from_least=False))
    units = Model.of(variant({"a": "-k"}, k="compute", e=None), drawn).units
    at = units.of_points({"k": "compute", "e": None}, c=[0.0, 2.0])
    on = units.of_rows(drawn.rows)
    gap = float(np.mean(on["k"] - on["c"]))
    assert at["k"] == pytest.approx([gap, gap + 2.0])
    assert at["e"] == pytest.approx([drawn.rows["epochs"].mean()] * 2)


def test_settings_say_samples_and_variants_what_they_name() -> None:
    settings = {
        "variables": {"k": {"formula": "log(epochs)", "from_least": True, "scale": "data"}},
        "samples": {"s": {"variables": ["k"]}, "o": {"variables": []}},
        "variants": {
            "a": {"exponentials": [{"x": "-k"}]},
            "b": {"exponentials": [{"x": "-t"}]},
        },
    }
    found = resolved(settings)
    assert found["samples"]["s"]["variables"] == {
        "k": {"formula": "log(epochs)", "from_least": True}
    }
    assert found["variants"]["a"]["variables"] == {"k": "data"}
    assert "variables" not in found["variants"]["b"]
