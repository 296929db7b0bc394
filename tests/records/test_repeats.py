"""The same evaluation told twice: recognised, listed, never lost in silence."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from project_files import NAMES, REGISTER, SETTINGS, read
from record_rows import records

from algoprog.common.errors import InputError
from algoprog.records.matching import Matched, match_sources
from algoprog.records.names import arxiv_id, stripped
from algoprog.records.normalise import Rules, normalize
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
        {"paper": "Another title", "url": "https://doi.org/10.48550/arXiv.1711.03953"},
        {"paper": "Another title", "url": "https://huggingface.co/papers/1711.03953"},
        {"paper": "“On A.”"},
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
        {"perplexity": 20.51},
        {"perplexity": 21.0},
        {"perplexity": 20.4, "paper": "Another", "url": None},
        {"benchmark": "ptb"},
        {"source": "a"},  # a source may have two systems of a paper that score the same
    ],
)
def test_no_repeat(other: dict[str, Any]) -> None:
    found = matched(pair({}, other))
    assert found.records.height == 2 and found.suspected_repeats.is_empty()


@pytest.mark.parametrize(
    "other",
    [
        {"published": DAY + datetime.timedelta(46)},  # of the conference
        {"published": datetime.date(2018, 1, 1), "perplexity": 20.04},  # of the year alone
        {"published": datetime.date(2012, 1, 1)},
        {"perplexity": 20.1},  # one of the two may be rounded to 20
        {"perplexity": 19.5},
    ],
)
def test_one_paper_at_another_date_or_with_a_rounded_score_is_told_and_counts(
    other: dict[str, Any],
) -> None:
    found = matched(pair({}, other))
    assert found.suspected_repeats.select("same", "counted").rows() == [("paper_loosely", "twice")]
    assert found.records.height == 2


def test_the_same_digits_go_before_a_rounded_score() -> None:
    alike = {"published": DAY, "paper": "On A"}
    frame = records(
        {**alike, "system": "A", "perplexity": 20.0},
        {**alike, "system": "A2", "perplexity": 20.3},
        {**alike, "source": "b", "system": "B", "perplexity": 20.3},
        {**alike, "source": "b", "system": "B2", "perplexity": 20.0},
    )
    found = matched(frame)
    assert found.suspected_repeats["like_system"].to_list() == ["A2", "A"]
    assert found.records["system"].to_list() == ["A", "A2"]


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


def test_a_paper_is_one_within_a_source_too() -> None:
    frame = records({"paper": "On A", "system": "A"}, {"paper": "on  A.", "system": "B"})
    found = normalize([frame], {}, NAMES, ["a"])
    assert found.evaluations["paper"].to_list() == ["On A", "On A"]
    exactly = Rules(repeats=Repeats(papers="exactly"))
    assert normalize([frame], {}, NAMES, ["a"], exactly).evaluations["paper"].n_unique() == 2
    # a link may be wrong: titles that differ are two papers of one source
    linked = frame.with_columns(paper=pl.Series(["On A", "On B"]), url=pl.lit(ARXIV))
    assert normalize([linked], {}, NAMES, ["a"]).evaluations["paper"].n_unique() == 2


def test_the_registers_papers_keep_their_titles() -> None:
    found = normalize([read(REGISTER.read_bytes())], SETTINGS["corrections"], NAMES, ["register"])
    assert "same_paper" not in found.corrections["correction"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://arxiv.org/abs/2112.11446v2", "2112.11446"),
        ("http://arxiv.org/pdf/1609.07843.pdf", "1609.07843"),
        ("https://arxiv.org/abs/cs/0108005", "cs/0108005"),
        ("https://export.arxiv.org/abs/1711.03953v1", "1711.03953"),
        ("https://ar5iv.labs.arxiv.org/html/1711.03953", "1711.03953"),
        ("https://ar5iv.org/abs/1711.03953", "1711.03953"),
        ("https://doi.org/10.48550/ARXIV.1711.03953", "1711.03953"),
        ("https://www.alphaxiv.org/overview/1711.03953", "1711.03953"),
        ("https://example.org/papers/1711.03953", None),
        ("https://openreview.net/pdf?id=HyeVtoRqtQ", None),
        (None, None),
    ],
)
def test_arxiv_identifiers(url: str | None, found: str | None) -> None:
    assert arxiv_id(url) == found
