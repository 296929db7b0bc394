"""The pure parts of benchmarks/pipeline.py."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoprog.config.document import parse_config
from algoprog.config.loading import merged

ROOT = Path(__file__).resolve().parents[2]

specification = importlib.util.spec_from_file_location(
    "pipeline_benchmark", ROOT / "benchmarks/pipeline.py"
)
pipeline = importlib.util.module_from_spec(specification)
sys.modules["pipeline_benchmark"] = pipeline
specification.loader.exec_module(pipeline)
Job = pipeline.Job

HEADER = "output_file\tdate\trule\tlog-file(s)\tinput-file(s)\tshellcmd\tstatus\tplan"
SUMMARY = "\n".join(
    [
        HEADER,
        "a.parquet\t-\tdraw\tlogs/draw/x/0-5.log\tcode.py,rows.parquet\t-\tok\tno update",
        "a.fit.parquet\t-\tdraw\tlogs/draw/x/0-5.log\tcode.py,rows.parquet\t-\tok\tno update",
        "x.parquet\t-\tmerge_draws\tlogs/merge_draws/x.log\ta.parquet,code.py\t-\tok\tno update",
        "rows.parquet\t-\tsample\tlogs/sample.log\t\t-\tok\tno update",
    ]
)


def jobs(*described: tuple) -> list:
    return [Job(name, seconds, frozenset(needs)) for name, seconds, *needs in described]


def test_benchmark_files_are_read_by_the_names_of_their_jobs(tmp_path: Path) -> None:
    for name, seconds in (("fit/paper/0.0025", "1.50"), ("report", "20.25")):
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\th:m:s\tmax_rss\n{seconds}\t0:00:01\tNA\n")
    assert pipeline.read_benchmarks(tmp_path) == {"fit/paper/0.0025": 1.5, "report": 20.25}
    assert pipeline.rule_of("fit/paper/0.0025") == "fit"
    assert pipeline.rule_of("report") == "report"


def test_jobs_need_those_that_make_their_inputs() -> None:
    seconds = {"draw/x/0-5": 3.0, "merge_draws/x": 1.0, "sample": 0.5}
    assert pipeline.read_dag(SUMMARY, seconds) == jobs(
        ("draw/x/0-5", 3.0, "sample"), ("merge_draws/x", 1.0, "draw/x/0-5"), ("sample", 0.5)
    )
    with pytest.raises(KeyError):
        pipeline.read_dag(SUMMARY, {"sample": 0.5})


@pytest.mark.parametrize(
    ("described", "cores", "dispatch", "expected"),
    [
        ([("a", 1), ("b", 2, "a"), ("c", 3, "b")], 8, 0, 6),
        ([("a", 1), ("b", 2, "a"), ("c", 3, "b")], 8, 0.5, 7.5),
        ([(str(i), 1) for i in range(4)], 2, 0, 2),
        ([(str(i), 1) for i in range(5)], 2, 0, 3),
        ([(str(i), 0) for i in range(4)], 64, 0.5, 2),  # the scheduler is the bottleneck
        # the longest first: 3 3 | 2 2 | 2, while the best order takes 6
        ([("a", 3), ("b", 3), ("c", 2), ("d", 2), ("e", 2)], 2, 0, 7),
        # the head of the long chain goes before longer jobs that nothing waits for
        ([("a", 3), ("b", 3), ("head", 1), ("tail", 6, "head")], 2, 0, 7),
    ],
)
def test_schedules_worked_out_by_hand(described, cores, dispatch, expected) -> None:
    assert pipeline.makespan(jobs(*described), cores, dispatch) == pytest.approx(expected)


@st.composite
def graphs(draw: st.DrawFn) -> list:
    number = draw(st.integers(1, 12))
    return [
        Job(
            f"{i}",
            draw(st.floats(0, 10)),
            frozenset(f"{j}" for j in range(i) if draw(st.integers(0, 3)) == 0),
        )
        for i in range(number)
    ]


@settings(deadline=None)
@given(graphs(), st.integers(1, 8))
def test_a_schedule_keeps_the_bounds_of_any_list_schedule(graph: list, cores: int) -> None:
    """Graham: work / m or the critical path at least, work / m + (1 - 1/m) critical at most."""
    ends: dict[str, float] = {}
    for job in graph:  # in order: each needs earlier ones only
        ends[job.name] = job.seconds + max((ends[need] for need in job.needs), default=0)
    critical, work = max(ends.values()), sum(job.seconds for job in graph)
    assert max(pipeline.remaining(graph).values()) == pytest.approx(critical)
    took = pipeline.makespan(graph, cores, 0.0)
    assert took >= max(critical, work / cores) - 1e-9
    assert took <= work / cores + (1 - 1 / cores) * critical + 1e-9
    assert pipeline.makespan(graph, 1, 0.25) == pytest.approx(work + 0.25 * len(graph))


def test_projections_are_lines_rule_by_rule() -> None:
    def run(draw: float, merge: float):
        found = {"draw/x/0-5": draw, "draw/y/0-5": draw, "merge_draws/x": merge}
        return pipeline.Measured(1.0, 1.0, 1.0, found, 0)

    # draw: 2 x (1 + 2 k) in two jobs, merge: no growth, and one that got faster by chance
    runs = {1: run(3, 0.5), 10: run(21, 0.4)}
    assert pipeline.projected(runs, 100) == pytest.approx(2 * 201 + 0.4)


def test_every_bootstrap_is_scaled_and_nothing_else(paper_config: dict) -> None:
    changed = merged(paper_config, pipeline.scaled(paper_config, 10))
    parse_config(changed)
    for section in ("bootstrap", "pools"):
        ours, theirs = paper_config[section], changed[section]
        ours, theirs = ours.get("analyses", ours), theirs.get("analyses", theirs)
        assert {n: one["replicates"] for n, one in theirs.items()} == {
            n: 10 * one["replicates"] for n, one in ours.items()
        }
        assert {n: one | {"replicates": 0} for n, one in theirs.items()} == {
            n: one | {"replicates": 0} for n, one in ours.items()
        }
    assert changed["sensitivity"]["checks"] == paper_config["sensitivity"]["checks"]


def test_the_imports_of_a_script_are_those_it_runs(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        '"""Doc."""\nfrom typing import TYPE_CHECKING\n\nimport job\n\nif TYPE_CHECKING:\n'
        "    from snakemake.script import snakemake\n\nwith job.running(snakemake):\n"
        "    import polars as pl\n\n"
        "    from algoprog.resampling.refit import refit\n    refit(pl)\n"
    )
    assert pipeline.imports(script).splitlines() == [
        "from typing import TYPE_CHECKING",
        "import job",
        "import polars as pl",
        "from algoprog.resampling.refit import refit",
    ]


def test_every_rule_that_runs_a_script_has_one_of_its_name() -> None:
    """What start-up is measured by; also that each states its threads, which job.py passes on."""
    for path in sorted((ROOT / "rules").glob("*.smk")):
        for block in path.read_text(encoding="utf-8").split("\nrule ")[1:]:
            name = block[: block.index(":")]
            if "    script:" in block:
                assert f'"../scripts/{name}.py"' in block, name
                assert "\n    threads:" in block, name
                assert "\n    benchmark:" in block, name


def test_inputs_are_paths_and_carry_no_flags_of_outputs() -> None:
    """Snakemake warns of an input with a caption or `ensure`, in every run."""
    for path in sorted((ROOT / "rules").glob("*.smk")):
        for block in path.read_text(encoding="utf-8").split("\nrule ")[1:]:
            inputs = block.split("    input:\n")[-1].split("    output:\n")[0]
            assert "table(" not in inputs, block[: block.index(":")]
