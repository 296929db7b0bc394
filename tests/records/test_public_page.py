"""A page in the form of NLP-progress, by its ready-made entry, through the stage of samples.

The page is made up, with what is difficult in the real one: cells with two scores or none, rows
that do not close, marks after names, dates that only links tell, two tables under one heading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from project_files import BENCHMARKS, SETTINGS
from samples_stage import Stage, stage

from algoprog.common.intervals import doubling_months
from algoprog.model.variant import Variant
from algoprog.records.benchmarks import Benchmarks
from algoprog.records.sample import Sample
from algoprog.synthesis.changes import Snapshot, difference, plain_rows
from algoprog.synthesis.undone import Analysis, without_each

FILE = "data/raw/page.md"
ARXIV = "https://arxiv.org/abs/"
COLUMNS = "Model | Validation perplexity | Test perplexity | Number of params |  Paper / Source"
HEADER = f"| {COLUMNS} | Code |\n| --- | :---:| :---: | :---: | --- | --- |\n"
PAGE = f"""# Language modeling

\\* stands for what a model may do at test time ([A et al. (2010)](https://a.org/a.pdf))

## Word Level Models

### Penn Treebank

Some text of *this* table, with a | in it.

{HEADER}\
| DOC x5 (T. et al., 2018)* ***preprint*** | 48.63 | 47.17 | 185M | [Another title]({ARXIV}1808.10143) | [Code](https://a.org) |
| Trellis (B. et al., 2019) |   -   | 54.19 | 34M | [Trellis Networks for Sequence Modeling](https://openreview.net/pdf?id=HyeVtoRqtQ) | [Code](https://a.org)
| Finetuned, of a known paper (Y. et al., 2018) | 56.54 | 54.44 | 22M | [Breaking the Softmax Bottleneck: A High-Rank RNN Language Model]({ARXIV}1711.03953) ||
| A new one (Nobody, 2021) | 52.0  | 51.0  | 23M | [New]({ARXIV}2104.00001) |
| New, and of that paper (Nobody, 2021) | 53.0 | 53.5 | 24M | [New]({ARXIV}2104.00001v3) | - |

### WikiText-2

{HEADER}\
| Fraternal (Zołna et al., 2018) |  66.8 | 64.1 | 34M | [Fraternal dropout](https://arxiv.org/pdf/1711.00066.pdf) | |
| AWD-LSTM (Merity et al., 2017) | 68.6 | 65.8 | 33M | [Regularizing]({ARXIV}1708.02182) | |

### WikiText-103

{HEADER}\
| Compressive (Rae et al., 2019)* ***arxiv preprint*** | 16.0 | 17.1(16.1 with basic dynamic evaluation) | ~257M | [C](https://arxiv.org/pdf/1911.05507.pdf) | - |
| Temporal CNN (Bai et al., 2018) | - | 45.2 | | [Convolutional sequence modeling revisited](https://openreview.net/forum?id=BJEX-H1Pf) ||
| No size (Nobody, 2021) | - | 30.1 | - | [New]({ARXIV}2104.00001) | - |

### 1B Words / Google Billion Word benchmark

| Model | Test perplexity | Number of params | Paper / Source | Code |
| --- | :---:| :---:| --- | --- |
| Big (J. et al., 2016) ***ensemble*** | 23.7 | 43B? | [Limits](https://arxiv.org/pdf/1602.02410.pdf) | - |

## Character Level Models

### Penn Treebank

| Model | Bit per Character (BPC) | Number of params | Paper / Source | Code |
| --- | :---:| :---:| --- | --- |
| A new one (Nobody, 2021) | 1.06 | 24M | [New]({ARXIV}2104.00001) | - |
"""  # noqa: E501


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Stage]:
    made: dict[str, Stage] = {}

    def one(suspected: str = "once", *, enabled: bool = True) -> Stage:
        entry = {"enabled": enabled, "location": FILE}
        overlay = {"repeats": {"suspected": suspected}, "sources": {"nlp_progress": entry}}
        key = f"{suspected} {enabled}"
        if key not in made:
            made[key] = stage(tmp_path_factory.mktemp("page"), overlay, {FILE: PAGE})
        return made[key]

    return one


def test_what_repeats_the_register_is_told_and_counts_once(staged: Callable[..., Stage]) -> None:
    found = staged()
    shown = found.records.suspected_repeats.select("perplexity", "like_system", "same", "counted")
    assert sorted(shown.rows()) == [
        (17.1, "Compressive Transformers for Long-Range Sequence Modelling", "paper", "once"),
        (45.2, "TCN (148M)", "paper", "once"),  # 45.19 in the register
        (47.17, "(ensemble): AWD-LSTM-DOC (fin) × 5 (PTB)", "paper", "once"),
        (54.19, "TrellisNet-MoS (1.4x larger)", "paper", "once"),
        (64.1, "Fraternal dropout + AWD-LSTM 3-layer (WT2)", "paper", "once"),
        (65.8, "AWD-LSTM", "parameters", "twice"),  # another paper quotes it
    ]
    assert "6 evaluations that look like another source's (table suspected_repeats)" in found.said
    # of those left out, what the page has otherwise is a conflict: 185M and 114M, say
    sizes = found.records.conflicts.filter(field="parameters")["other_value"].to_list()
    assert {"185000000", "34000000"} <= set(sizes)


def test_what_is_new_is_read_as_it_stands(staged: Callable[..., Stage]) -> None:
    new = staged().of("nlp_progress").sort("perplexity")
    rows = new.select("benchmark", "perplexity", "parameters", pl.col("published").dt.to_string())
    assert rows.rows() == [
        ("wt103", 30.1, None, "2021-04-01"),
        ("ptb", 51.0, 2.3e7, "2021-04-01"),
        ("ptb", 53.5, 2.4e7, "2021-04-01"),
        ("ptb", 54.44, 2.2e7, "2017-11-01"),
        ("wt2", 65.8, 3.3e7, "2017-08-01"),
    ]
    assert new["paper"].n_unique() == 3
    assert staged("twice").of("nlp_progress").height == 10


def drawn(found: Stage) -> Sample:
    return Sample("paper", found.samples["paper"].rows, Benchmarks.of(BENCHMARKS))


def snapshot(found: Stage) -> Snapshot:
    plain: dict[str, Any] = {"numbers": {}, "settings": {}, "files": {}, "program": ""}
    records = plain_rows(found.records.evaluations.drop("url"))
    return Snapshot(records, plain_rows(drawn(found).rows), **plain)


def test_the_change_of_the_headline_is_explained_row_by_row(staged: Callable[..., Stage]) -> None:
    """Every row of the page in the sample has the answer without it, by a fit of its own."""
    before, after = staged(enabled=False), staged()
    changed = difference(snapshot(before), snapshot(after))
    assert sorted(one.name for one in changed.sample) == [
        "A new one (Nobody, 2021) (ptb)",
        "AWD-LSTM (Merity et al., 2017) (wt2)",
        "Finetuned, of a known paper (Y. et al., 2018) (ptb)",
        "New, and of that paper (Nobody, 2021) (ptb)",
    ]
    law = Variant.of("m07", SETTINGS["variants"]["m07"])
    analysis = Analysis(law, 0.0025, "own", "converged")
    whole = analysis.answer(drawn(after))
    answers = without_each(analysis, drawn(after), changed.sample)
    assert all(one.certified and one.own != whole.own for one in answers)
    # the last row that is left is the answer of the register alone
    alone = drawn(before).rows
    last = pl.concat([alone, drawn(after).rows.filter(source="nlp_progress")[:1]])
    last = last.with_columns(row=pl.int_range(pl.len()))
    (one,) = difference(snapshot(before), Snapshot([], plain_rows(last), {}, {}, {}, "")).sample
    (undone,) = without_each(analysis, drawn(after).with_rows(last), [one])
    expected = analysis.answer(drawn(before))
    assert undone.own == pytest.approx(expected.own, rel=1e-6)
    assert doubling_months(expected.own) == pytest.approx(11.82, abs=0.005)
