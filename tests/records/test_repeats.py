"""The same evaluation told twice: recognised, listed, never lost in silence."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from project_files import NAMES, REGISTER, SETTINGS, a_source, read
from record_rows import records

from algoprog.common.errors import InputError
from algoprog.records.matching import Matched, match_sources
from algoprog.records.names import arxiv_id, name_key, stripped
from algoprog.records.normalise import Rules, normalize
from algoprog.records.sources import read_source
from algoprog.records.specification import Repeats
from algoprog.records.warned import lines

DAY = datetime.date(2019, 2, 14)
ARXIV = "https://arxiv.org/abs/1711.03953"
BOTH = ["a", "b"]


def pair(one: dict[str, Any], other: dict[str, Any]) -> pl.DataFrame:
    """A record of each of two sources, alike but for what is given."""
    alike = {"published": DAY, "paper": "On A", "url": ARXIV}
    return records(
        {**alike, "system": "A", **one}, {**alike, "source": "b", "system": "other", **other}
    )


def matched(frame: pl.DataFrame, suspected: str = "once", **naming: Any) -> Matched:
    plain = {"suspected": suspected, "sources": {"b": naming} if naming else {}}
    return match_sources(frame, BOTH, Repeats.of(plain))


@pytest.mark.parametrize(
    "other",
    [
        {"paper": "on a."},  # the title, loosely
        {"paper": "Another title"},  # the arXiv identifier
        {"paper": "Another title", "url": "http://arxiv.org/pdf/1711.03953v2.pdf"},
        {"paper": "ON-A", "url": None},
        {"published": DAY + datetime.timedelta(45)},
        {"published": None},
        {"perplexity": 20.04},  # 20 to the digits that are printed
    ],
)
def test_another_name_for_the_same_evaluation(other: dict[str, Any]) -> None:
    frame = pair({}, other)
    found = matched(frame)
    (suspect,) = found.suspected_repeats.to_dicts()
    assert (suspect["system"], suspect["like_system"], suspect["same"]) == ("other", "A", "paper")
    assert found.records["system"].to_list() == ["A"]
    assert found.superseded["system"].to_list() == ["other"]
    both = matched(frame, "twice")
    assert both.records.height == 2 and both.superseded.is_empty()
    assert both.suspected_repeats["counted"].to_list() == ["twice"]


@pytest.mark.parametrize(
    "other",
    [
        {"paper": "Another", "url": None},
        {"published": DAY + datetime.timedelta(46)},
        {"perplexity": 20.1},
        {"benchmark": "ptb"},
        {"source": "a"},  # a source may have two systems of a paper that score the same
    ],
)
def test_no_repeat(other: dict[str, Any]) -> None:
    found = matched(pair({}, other))
    assert found.records.height == 2 and found.suspected_repeats.is_empty()


def test_a_number_quoted_by_another_paper_is_suspected_and_counts() -> None:
    quoted = {"paper": "Survey", "url": None, "parameters": 3.3e7, "perplexity": 65.8}
    found = matched(pair({"parameters": 3.3e7, "perplexity": 65.8}, quoted))
    assert found.suspected_repeats.select("same", "counted").rows() == [("parameters", "twice")]
    assert found.records.height == 2


def test_a_record_stands_for_one_record_of_another_source() -> None:
    alike = {"published": DAY, "paper": "On A"}
    frame = records(
        {**alike, "system": "A", "parameters": 2e7},
        {**alike, "source": "b", "system": "B1", "parameters": 5e7},
        {**alike, "source": "b", "system": "B2", "parameters": 2e7},
    )
    found = matched(frame)
    assert found.suspected_repeats["system"].to_list() == ["B2"]
    assert found.records["system"].to_list() == ["A", "B1"]


def test_three_sources_tell_one_evaluation() -> None:
    alike = {"published": DAY, "paper": "On A"}
    names = ["c", "a", "b"]
    frame = records(*({**alike, "source": name, "system": name * 2} for name in names))
    found = match_sources(frame, names)
    assert found.records["source"].to_list() == ["c"]
    assert found.superseded["kept_source"].to_list() == ["c", "c"]


def test_a_namesake_of_another_paper_and_date_stays() -> None:
    later = {"system": "a", "paper": "Of 2024", "url": None, "published": datetime.date(2024, 1, 1)}
    found = matched(pair({}, later))
    assert found.records.height == 2
    assert [other[1:] for other in found.namesakes] == [("a", 1)]
    for same in ({"paper": "On A"}, {"url": ARXIV}, {"published": DAY}, {"published": None}):
        assert matched(pair({}, {**later, **same})).records.height == 1


def test_same_as_and_distinct_decide() -> None:
    later = {"paper": "Of 2024", "url": None, "published": datetime.date(2024, 1, 1)}
    frame = pair({}, later)
    assert matched(frame).records.height == 2
    assert matched(frame, same_as={"Other": "a"}).records.height == 1
    assert matched(frame, same_as={"other": ["a"]}).records.height == 1
    repeat = pair({}, {})
    assert matched(repeat, distinct=["other"]).records.height == 2
    assert matched(repeat, distinct=["other"]).suspected_repeats.is_empty()
    namesake = pair({}, {"system": "A"})
    assert matched(namesake, distinct=["A"]).records.height == 2
    for naming in ({"same_as": {"nobody": "A"}}, {"same_as": {"other": "nobody"}}):
        with pytest.raises(InputError, match=r"sources\.b\.same_as"):
            matched(frame, **naming)


def test_a_system_whose_other_source_names_it_by_benchmark() -> None:
    alike = {"paper": "On A", "published": DAY}
    frame = records(
        {**alike, "system": "A (WT2)", "benchmark": "wt2", "perplexity": 30.0},
        {**alike, "system": "A (PTB)", "benchmark": "ptb", "perplexity": 40.0},
        {**alike, "source": "b", "system": "A", "benchmark": "wt2", "perplexity": 31.0},
        {**alike, "source": "b", "system": "A", "benchmark": "ptb", "perplexity": 41.0},
    )
    assert matched(frame).records.height == 4
    named = matched(frame, same_as={"A": ["A (WT2)", "A (PTB)"]})
    assert named.superseded["kept_row"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("AWD-LSTM (Merity et al., 2017)", "AWD-LSTM"),
        ("AWD-LSTM (Merity et al., 2017)* + cache", "AWD-LSTM * + cache"),
        ("(Merity et al., 2017)", "(Merity et al., 2017)"),
        ("GPT-2 (1.5B)", "GPT-2 (1.5B)"),
        ("A (B (c, 2017a))", "A (B )"),
    ],
)
def test_patterns_strip_authors_and_year(name: str, short: str) -> None:
    assert stripped(pl.Series([name]), ["({text}, {year})"]).to_list() == [short]


def test_stripped_names_match() -> None:
    frame = pair({"perplexity": 44.0}, {"system": "A (Melis, 2019)"})
    assert matched(frame).records.height == 2
    assert matched(frame, strip=["({text}, {year})"]).records.height == 1


def test_contradictions_within_a_source_are_conflicts_and_warned_of() -> None:
    """Reruns, a model of 4 bits with half the parameters, checkpoints."""
    frame = records(
        {"system": "org/m", "perplexity": 9.0, "parameters": 7e9},
        {"system": "org/m", "perplexity": 9.0003, "parameters": 7e9},
        {"system": "org/m", "perplexity": 9.2, "parameters": 3.5e9},
        {"system": "org/m", "perplexity": 400.0, "parameters": 7e9},
        {"system": "org/m", "perplexity": 9.0, "parameters": 7e9, "benchmark": "ptb"},
    )
    found = normalize([frame], {}, NAMES, ["a"])
    assert found.evaluations.height == 5
    assert found.conflicts.select("other_row", "field").rows() == [
        (2, "perplexity"), (3, "perplexity"), (3, "parameters"), (4, "perplexity"),
    ]  # fmt: skip
    assert found.warnings["kind"].to_list() == ["several"] * 3
    assert "entry 1 of the source" in lines(found.warnings)[0]
    two = Repeats.of({"sources": {"a": {"distinct": ["org/m"]}}})
    assert normalize([frame], {}, NAMES, ["a"], Rules(repeats=two)).warnings.is_empty()


def test_papers_of_two_sources_are_one_paper_for_samples() -> None:
    frame = pair({"system": "A"}, {"system": "B", "paper": "on  A", "perplexity": 30.0})
    frames = [frame.filter(source=name) for name in BOTH]
    found = normalize(frames, {}, NAMES, BOTH)
    assert found.evaluations["paper"].to_list() == ["On A", "On A"]
    (said,) = found.corrections.to_dicts()
    assert (said["correction"], said["source"], said["old"]) == ("same_paper", "b", "on  A")
    exactly = Rules(repeats=Repeats(papers="exactly"))
    assert normalize(frames, {}, NAMES, BOTH, exactly).evaluations["paper"].n_unique() == 2
    alone = frame.with_columns(pl.lit("a").alias("source"))
    assert normalize([alone], {}, NAMES, ["a"]).evaluations["paper"].n_unique() == 2


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://arxiv.org/abs/2112.11446v2", "2112.11446"),
        ("http://arxiv.org/pdf/1609.07843.pdf", "1609.07843"),
        ("https://arxiv.org/abs/cs/0108005", "cs/0108005"),
        ("https://openreview.net/pdf?id=HyeVtoRqtQ", None),
        (None, None),
    ],
)
def test_arxiv_identifiers(url: str | None, found: str | None) -> None:
    assert arxiv_id(url) == found


PAGE = """# Language modeling

## Word Level Models

### Penn Treebank

| Model | Test perplexity | Number of params | Paper / Source |
| --- | --- | --- | --- |
| AWD-LSTM-DOC (Takase et al., 2018) | 52.38 | 23M | [Direct Output](DOC) |
| A new one (Nobody, 2021) | 51.0 | 23M | [New](https://arxiv.org/abs/2104.00001) |

### WikiText-2

| Model | Test perplexity | Number of params | Paper / Source |
| --- | --- | --- | --- |
| Fraternal (Zolna et al., 2018) | 64.1 | 34M | [Fraternal dropout](FRATERNAL) |

### WikiText-103

| Model | Test perplexity | Number of params | Paper / Source |
| --- | --- | --- | --- |
| TaLK Convolutions (Lioutas et al., 2020) | 23.3 | 240M | [Time-aware](TALK) |
"""
LINKS = {
    "DOC": "https://arxiv.org/abs/1808.10143",
    "FRATERNAL": "https://arxiv.org/pdf/1711.00066.pdf",
    "TALK": "https://arxiv.org/abs/2002.03184",
}


def test_a_page_in_the_form_of_nlp_progress_repeats_the_register() -> None:
    """By its ready-made entry: all but the new evaluation are the register's."""
    text = PAGE
    for name, link in LINKS.items():
        text = text.replace(f"({name})", f"({link})")
    page = read_source(a_source("nlp_progress"), NAMES, text.encode())
    sources = ["register", "nlp_progress"]
    found = normalize([read(REGISTER.read_bytes()), page], SETTINGS["corrections"], NAMES, sources)
    assert found.suspected_repeats.select("benchmark", "like_system").rows() == [
        ("wt103", "TaLK Convolution"),
        ("wt2", "Fraternal dropout + AWD-LSTM 3-layer (WT2)"),
        ("ptb", "AWD-LSTM-DOC (fin) (23M)"),
    ]
    new = found.evaluations.filter(source="nlp_progress")
    assert [name_key(name) for name in new["system"]] == [name_key("A new one (Nobody, 2021)")]
