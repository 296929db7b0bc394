"""Words of tables: every column of every table has them, none is left over, keys are keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from algoprog.audit import defects, reproduction
from algoprog.bayes import calibration as bayes_calibration
from algoprog.bayes import checks as bayes_checks
from algoprog.bayes import comparisons as bayes_comparisons
from algoprog.bayes import estimates as bayes_estimates
from algoprog.bayes import fitted as bayes_fitted
from algoprog.bayes import results as bayes_tables
from algoprog.estimators import fit_tables
from algoprog.quantities import allocation, direct_observation, frontiers
from algoprog.quantities import analysed as quantity_tables
from algoprog.quantities import closed_form as doubling
from algoprog.resampling import cross_validation as crossval
from algoprog.robustness import (
    attribution,
    averaging,
    headline_interval,
    influence,
    multiverse,
    profiles,
)
from algoprog.robustness import sensitivity as checks
from algoprog.tables.csv import _ORDERED, TABLE_KEYS
from algoprog.tables.documentation import GROUPS, RECORD_TABLES, TABLES, comments, markdown

ROOT = Path(__file__).resolve().parents[2]
# The columns of tables as the modules that make them say; the others, and these again, are
# compared with finished tables in tests/workflow/test_documents.py.
SCHEMAS: dict[str, Any] = {
    "fits": fit_tables.FITS_SCHEMA,
    "cross_validation": dict.fromkeys(
        [*list(crossval.SCHEMA)[:8], "rank", *list(crossval.SCHEMA)[8:]]
    ),
    "doubling_times": doubling.SCHEMA,
    "headline_interval": headline_interval.SCHEMA,
    "shapley": quantity_tables.SHAPLEY_SCHEMA,
    "predicted_loss": quantity_tables.PREDICTED_LOSS_SCHEMA,
    "transformer": quantity_tables.TRANSFORMER_SCHEMA,
    "era_split": quantity_tables.ERA_SCHEMA,
    "frontiers": frontiers.FRONTIERS_SCHEMA,
    "effective_compute": frontiers.EFFECTIVE_COMPUTE_SCHEMA,
    "allocation": allocation.SCHEMA,
    "direct_observation": direct_observation.SCHEMA,
    "compute_reductions": direct_observation.REDUCTIONS_SCHEMA,
    "reproduction": reproduction.SCHEMA,
    "defects": defects.SCHEMA,
    "sensitivity": checks.SCHEMA,
    "influence": influence.SCHEMA,
    "multiverse": {"id": None} | multiverse.RESULTS | {"same_as": None},
    "attribution": attribution.SCHEMA,
    "attribution_interactions": attribution.INTERACTIONS,
    "model_weights": averaging.WEIGHTS,
    "model_average": averaging.AVERAGE,
    "bayes_fits": bayes_tables.FITS_SCHEMA,
    "bayes_doubling_times": bayes_fitted.NAME_SCHEMA | doubling.SCHEMA,
    "bayes_model_average": bayes_estimates.AVERAGE_SCHEMA,
    "bayes_shapley": bayes_estimates.SHAPLEY_SCHEMA,
    "bayes_transformer": bayes_estimates.TRANSFORMER_SCHEMA,
    "bayes_against_bootstrap": bayes_comparisons.AGAINST_SCHEMA,
    "bayes_prior_sensitivity": bayes_comparisons.SENSITIVITY_SCHEMA,
    "bayes_checks": bayes_checks.SCHEMA,
    "bayes_calibration": bayes_calibration.TABLE_SCHEMA,
    "bayes_ranks": bayes_calibration.RANKS_SCHEMA,
    "profiles": profiles.PROFILES_SCHEMA,
    "profile_ranges": profiles.RANGES_SCHEMA,
}


def test_every_table_has_words_and_no_other() -> None:
    assert set(TABLES) == set(TABLE_KEYS)
    assert {table.group for table in TABLES.values()} == set(GROUPS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_column_has_words_and_no_other(name: str) -> None:
    assert list(TABLES[name].columns) == list(SCHEMAS[name])


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_told_apart_by_their_key(name: str) -> None:
    """A table without an order of its own is sorted by its key, which write_table checks."""
    if name not in _ORDERED:
        assert TABLES[name].key == TABLE_KEYS[name]
    assert set(TABLES[name].key) <= set(TABLES[name].columns)


@pytest.mark.parametrize("tables", [TABLES, RECORD_TABLES])
def test_words_are_words(tables: Any) -> None:
    for name, table in tables.items():
        for column, text in table.columns.items():
            assert text == text.strip() and len(text) >= 3, (name, column)
            assert "|" not in text, (name, column)


def test_a_column_without_words_is_an_error_unless_the_configuration_names_it() -> None:
    with pytest.raises(KeyError, match="new"):
        list(comments("fits", TABLES["fits"], ["delta", "new"]))
    assert "multiverse.choices" in list(comments("multiverse", TABLES["multiverse"], ["mine"]))[-1]


def test_the_document_is_written_from_them() -> None:
    written = (ROOT / "docs/read-the-tables.md").read_text(encoding="utf-8")
    assert written == markdown(), "run `make docs`"
    for name in TABLES:
        assert f"\n### {name}\n" in written
    assert "| `growth_ci50_low … growth_ci95_high` | 50, 90 and 95 % interval of growth" in written
    assert "`ci50_high`" not in written
