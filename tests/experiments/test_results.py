"""The tables of sweeps, joint fits and studies, from the project's configuration."""

import csv
import io
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from algoprog.catalogue import TABLES
from algoprog.common.errors import InputError
from algoprog.config.document import parse_config
from algoprog.config.loading import merged, read_mapping
from algoprog.experiments.joint_results import compared_sweeps, joint_tables, record_of
from algoprog.experiments.settings import StudySettings, Sweeps
from algoprog.experiments.study_results import study_tables
from algoprog.experiments.sweep_results import evaluation_runs, frontier_tables, law_table
from algoprog.tables.csv import csv_bytes
from algoprog.tables.frames import checked, in_order

ROOT = Path(__file__).resolve().parents[2]
FEW = {"sweeps": {"draws": {"laws": 300, "frontiers": 40, "record": 40}}}


@pytest.fixture(scope="module")
def config():
    return parse_config(merged(read_mapping(ROOT), FEW))


@pytest.fixture(scope="module")
def sweeps(config):
    return msgspec.convert(config.settings["sweeps"], Sweeps)


@pytest.fixture(scope="module")
def contents(config):
    return {file: (ROOT / file).read_bytes() for file in config.experiment_files.values()}


@pytest.fixture(scope="module")
def made(sweeps, contents):
    return {"sweep_laws": law_table(sweeps, contents, 1), **frontier_tables(sweeps, contents, 1)}


@pytest.fixture(scope="module")
def joint(sweeps, contents, made, config, paper_sample):
    settings = config.settings
    spec = settings["variants"][sweeps.record.variant]
    record = record_of(sweeps, paper_sample, spec, settings["benchmarks"])
    compared = compared_sweeps(sweeps, contents, made["sweep_laws"])
    return joint_tables(sweeps, record, compared, settings["shapley"]["systems"], 1)


def test_tables_are_as_declared_and_the_same_bytes_again(made, joint, sweeps, contents):
    for name, frame in {**made, **joint}.items():
        in_order(TABLES[name], checked(TABLES[name], frame))
        assert not frame.is_empty(), name
    again = frontier_tables(sweeps, contents, 1)
    for name, frame in again.items():
        assert csv_bytes(frame) == csv_bytes(made[name])


def test_the_total_is_printed_and_by_every_protocol(made):
    totals = made["sweep_totals"]
    printed = totals.filter(pl.col("worse_protocol") == "printed")
    assert printed["total"].to_list() == pytest.approx([6926.35], abs=0.005)
    ours = totals.filter(pl.col("worse_protocol") != "printed")
    assert len(ours) == 9
    assert ours["total"].min() < 50
    assert ours["total"].max() > 10_000
    assert (ours["ci95_low"] < ours["ci95_high"]).all()


def test_gains_are_marked_where_they_are_extrapolated(made):
    gains = made["sweep_gains"].filter(pl.col("worse") == "lstm")
    inside = gains.filter(~pl.col("extrapolated"))["compute"]
    assert 0 < len(inside) < len(gains)
    assert inside.max() < 1e17
    assert gains.filter(pl.col("compute") >= 1e17)["extrapolated"].all()


def test_fits_by_definition_and_their_conflict(joint):
    fits = joint["joint_fits"]
    kinds = {"free": 6, "prior": 18, "imposed": 18, "joint": 6}
    assert dict(fits.group_by("kind").len().iter_rows()) == kinds
    prior = fits.filter(
        pl.col("sweep") == "olmo_ladder",
        pl.col("kind") == "prior",
        pl.col("irreducible") == "none",
        pl.col("definition") == "closed_form",
    ).row(0, named=True)
    assert prior["point"] == pytest.approx(13.9, abs=0.8)
    assert prior["ci95_low"] < prior["point"] < prior["ci95_high"]
    tested = joint["sweep_conflict"].filter(
        pl.col("test") == "imposing", pl.col("records") == "all", pl.col("counted") == "papers"
    )
    assert (tested["p"] < 1e-4).all()
    large = joint["sweep_conflict"].filter(
        pl.col("records") == "large", pl.col("counted") == "papers"
    )
    assert (large["p"] > 0.05).all()
    assert set(joint["sweep_scale"]["law"]) == {
        "record", "chinchilla", "gadre_redpajama", "olmo_ladder"
    }  # fmt: skip


def test_an_evaluation_that_is_not_there_names_those_that_are(sweeps, contents, config):
    wrong = merged(config.settings["sweeps"], {"runs": {"chinchilla": {"evaluations": ["c4"]}}})
    with pytest.raises(InputError, match=r"sweeps\.runs\.chinchilla.*massivetext_train"):
        evaluation_runs(msgspec.convert(wrong, Sweeps), contents, "chinchilla")


def test_imagenet_as_it_is_shipped(config, contents):
    studies = {
        name: msgspec.convert(config.settings["studies"][name] | {"draws": 200}, StudySettings)
        for name in config.enabled_studies
    }
    tables = study_tables(studies, contents, 1)
    for name, frame in tables.items():
        in_order(TABLES[name], checked(TABLES[name], frame))
    points = {row["sample"]: row["point"] for row in tables["study_growth"].iter_rows(named=True)}
    assert points["clean"] == pytest.approx(12.0, abs=0.05)
    assert points["extended"] == pytest.approx(8.4, abs=0.05)
    for check in ("log", "floor", "top5"):
        assert points[check] == pytest.approx(12.0, abs=0.5)
    estimate = tables["study_growth"].filter(pl.col("role") == "estimate")
    assert estimate["sample"].to_list() == ["clean"]


def domain_of_docs() -> str:
    """The YAML of docs/another-domain.md."""
    text = (ROOT / "docs" / "another-domain.md").read_text(encoding="utf-8")
    return text.split("```yaml\n")[1].split("```")[0]


def test_the_domain_of_the_documents_runs(tmp_path):
    """A fifth domain from a CSV with an error rate, in 25 lines of YAML."""
    import yaml

    written = domain_of_docs()
    assert len(written.strip().splitlines()) <= 25
    overlay = tmp_path / "speech.yaml"
    overlay.write_text(written, encoding="utf-8")
    config = parse_config(read_mapping(ROOT, overlay))
    (name,) = yaml.safe_load(written)["studies"]
    study = msgspec.convert(config.settings["studies"][name], StudySettings)
    rng = np.random.default_rng(7)
    out = io.StringIO()
    writer = csv.writer(out)
    columns = [study.score, study.date, study.scale, study.cluster, "language"]
    writer.writerow([*columns, "parameters"])
    for i in range(40):
        year, log_c = 2012 + (i % 10), 40 + rng.normal(0, 2)
        logit = 2.0 - 0.1 * (log_c - 40) - 0.1 * (year - 2012) - 3 + rng.normal(0, 0.02)
        error = 100 / (1 + np.exp(-logit))
        row = [f"{error:.4f}", f"{year}-06-01", np.exp(log_c), f"paper {i % 13}", "english"]
        writer.writerow([*row, 10 ** rng.normal(7, 1)])
    tables = study_tables({name: study}, {study.file: out.getvalue().encode()}, 1)
    first = tables["study_growth"].filter(pl.col("role") == "estimate").row(0, named=True)
    assert first["growth_point"] == pytest.approx(1.0, abs=0.1)
    assert first["metric"] == "error_rate"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"studies": {"imagenet": {"unit": "nats"}}}, "error_rate has fraction, percent"),
        ({"studies": {"imagenet": {"metric": "acuracy"}}}, "studies.imagenet.metric"),
        ({"sweeps": {"runs": {"chinchilla": {"compared": "c4"}}}}, "name one of `evaluations`"),
        ({"sweeps": {"record": {"levels": ["none"]}}}, "list `own`"),
        ({"sweeps": {"curves": {"totals": {"worse": "rnn"}}}}, "name two of `recipes`"),
    ],
)
def test_mistakes_in_the_configuration_are_found_before_anything_runs(change, words):
    with pytest.raises(InputError) as found:
        parse_config(merged(read_mapping(ROOT), change))
    assert words in str(found.value)
