"""What a newcomer reads and runs in the first quarter of an hour is as it is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from algoprog.catalogue import TABLES
from algoprog.config.document import parse_config
from algoprog.config.loading import merged, read_mapping
from algoprog.records.normalise import validate
from algoprog.records.sources import reading
from algoprog.records.specification import Source

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIVE = (ROOT / "docs/five-tables.md").read_text(encoding="utf-8")


def test_your_own_csv_in_ten_lines_is_read_as_written() -> None:
    (text,) = re.findall(r"\*\*Your own CSV.*?```yaml\n(.*?)```", README, re.DOTALL)
    assert len(text.splitlines()) <= 10
    settings = parse_config(merged(read_mapping(ROOT), yaml.safe_load(text))).settings
    source = settings["sources"]["mine"]
    names = list(settings["benchmarks"]["definitions"])
    content = (ROOT / source["location"]).read_bytes()
    found = reading(Source.of("mine", source), names, content)
    validate(found.records, names)
    assert found.records["system"].n_unique() == 10
    assert found.records.filter(benchmark="wt103").height == 8


def test_the_five_tables_have_the_columns_that_the_page_shows() -> None:
    shown = re.findall(
        r"^## [^`\n]*`(\w+)\.csv`\n\n\|(.*)\|\n\|[-|]+\|\n((?:\|.*\|\n)+)", FIVE, re.M
    )
    assert len(shown) == 5
    for name, header, rows in shown:
        columns = [cell.strip() for cell in header.split("|")]
        assert set(columns) <= {column.name for column in TABLES[name].columns}, name
        for row in rows.splitlines():
            assert len(row.strip("|").split("|")) == len(columns)


@pytest.mark.parametrize("value", ["11.8 months", "8.2 to 17.3", "8.7 months (4.4 to 14.0)"])
def test_the_readme_opens_with_the_answer(value: str) -> None:
    assert value in " ".join(README[:1500].split())


def test_the_figure_of_the_readme_has_the_numbers_of_its_words() -> None:
    (name,) = re.findall(r"!\[[^]]*\]\((docs/[^)]*)\)", README)
    shown = re.findall(r">([^<>]*)</text>", (ROOT / name).read_text(encoding="utf-8"))
    told = " ".join(README[:2200].split())
    for number in ("8.7 months (4.4 to 14.0)", "5.7 months (2.6 to ∞)"):
        assert number in told
        assert number.replace(" months", "") in shown
    assert "11.8 months (95 % interval 8.2 to 17.3)" in told
    assert "11.8 (8.2 to 17.3)" in shown


def test_the_first_steps_say_the_lines_of_the_readme_and_their_script_runs() -> None:
    steps = (ROOT / "docs/first-steps.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"\*\*Your own CSV.*?```yaml\n(.*?)```", README, re.DOTALL)
    assert re.findall(r"```yaml\n(.*?)```", steps, re.DOTALL) == [told]
    (script,) = re.findall(r"```python\n(.*?)```", steps, re.DOTALL)
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2 and "months" in done.stdout


def test_how_to_cite_agrees_with_the_file_for_machines() -> None:
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    page = (ROOT / "docs/cite.md").read_text(encoding="utf-8")
    ours, theirs = re.findall(r"```bibtex\n(.*?)```", page, re.DOTALL)
    for value in (said["title"], said["version"], str(said["date-released"])):
        assert f"{{{value}}}" in ours
    (paper,) = said["references"]
    authors = [f"{one['family-names']}, {one['given-names']}" for one in paper["authors"]]
    assert " and ".join(authors) in theirs
    assert f"{{{paper['title']}}}" in theirs and f"{{{paper['year']}}}" in theirs
    assert paper["identifiers"][0]["value"].removeprefix("arXiv:") in theirs
