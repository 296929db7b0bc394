"""Numbers that others have published on record histories, beside ours.

A number is reproduced from the registers where they hold what it needs; where they do not, the
table says so. How many digits were printed decides how closely ours must agree.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

import polars as pl

from algoprog.common.errors import InputError
from algoprog.common.register import read_register
from algoprog.histories.defects import least_squares
from algoprog.histories.history import DAYS_PER_YEAR, History
from algoprog.histories.tables import PUBLISHED
from algoprog.tables.frames import frame_of

COLUMNS = ("id", "quantity", "value", "low", "high", "level", "bound", "unit", "source", "note")
BOUNDS = ("", "at_most", "at_least")

SMALL, MEDIUM, DOLLARS = "modded-nanogpt-1", "modded-nanogpt-2", "gpt2-dollars"
GPT2 = datetime.date(2019, 2, 14)  # its publication, from which Gundlach et al. count years


@dataclass(frozen=True)
class Lookup:
    """The histories by track, and the fields of any entry."""

    histories: Mapping[str, History]
    records: pl.DataFrame

    def of(self, track: str, entry: str, field: str = "cost") -> Any:
        """Return a field of an entry; KeyError if it is not there."""
        found = self.records.filter((pl.col("track") == track) & (pl.col("entry") == entry))
        if found.is_empty() or found[field][0] is None:
            raise KeyError(f"{track} {entry} {field}")
        return found[field][0]

    def fall(self, track: str, first: str, last: str, field: str = "cost") -> float:
        """Return the factor from one entry to another."""
        return float(self.of(track, first, field) / self.of(track, last, field))

    def years(self, track: str, first: datetime.date, last: str) -> float:
        """Return the years from a day to an entry."""
        return float((self.of(track, last, "published") - first).days / DAYS_PER_YEAR)

    def kind(self, track: str, category: str, last: str) -> float:
        """Return the product of the factors of a kind of innovation, up to an entry."""
        until = self.of(track, last, "published")
        gains = [
            step.gain
            for step in self.histories[track].steps
            if step.entry.category == category and step.entry.published <= until
        ]
        return float(2.0 ** math.fsum(gains))

    def steps(self, track: str, last: str) -> list[float]:
        """Return the ratios of successive entries, re-timings too, up to an entry."""
        rows = self.records.filter(pl.col("track") == track)
        costs = rows["cost"].to_list()[: rows["entry"].to_list().index(last) + 1]
        return [before / after for before, after in pairwise(costs)]


def _yearly(factor: float, years: float) -> float:
    return float(factor ** (1.0 / years))


def _alexnet(entry: str) -> Callable[[Lookup], float]:
    return lambda at: at.fall("alexnet-level", "1", entry)


def _board(entry: str) -> Callable[[Lookup], float]:
    """The whole seconds of an ImageNet entry, rounded up as the board does."""
    return lambda at: math.ceil(at.of("dawnbench-imagenet-time", entry))


def _gundlach(at: Lookup) -> float:
    return at.fall(SMALL, "1", "74", "training_compute")


# How each number follows from the registers. What is not here cannot be had from them.
CALCULATIONS: dict[str, Callable[[Lookup], float]] = {
    "hb.alexnet.factor": _alexnet("6"),
    "hb.alexnet.doubling": lambda at: least_squares(at.histories["alexnet-level"]).months,
    "hb.googlenet": _alexnet("2"),
    "hb.mobilenet": _alexnet("3"),
    "hb.shufflenet2": _alexnet("5"),
    "hb.efficientnet": _alexnet("6"),
    "hb.resnet50.doubling": lambda at: (
        12
        * at.years("resnet50-level", at.of("resnet50-level", "1", "published"), "2")
        / at.histories["resnet50-level"].total
    ),
    "hb.seq2seq": lambda at: at.fall("seq2seq-level", "1", "2"),
    "hb.gnmt": lambda at: at.fall("gnmt-level", "1", "2"),
    "sr.flop": _gundlach,
    "sr.flop.logs": _gundlach,
    "sr.total": lambda at: at.fall(SMALL, "1", "74"),
    "sr.rate.first": lambda at: _yearly(_gundlach(at), at.years(SMALL, GPT2, "74")),
    "sr.rate.data": lambda at: _yearly(10 * _gundlach(at), at.years(SMALL, GPT2, "74")),
    "sr.origins": lambda at: _yearly(155, 11),
    "sr.total2025": lambda at: at.fall(SMALL, "1", "56"),
    "sr.small.hyperparameter": lambda at: at.kind(SMALL, "tuning", "74"),
    "sr.small.optimizer": lambda at: at.kind(SMALL, "optimiser", "74"),
    "sr.medium.total": lambda at: at.fall(MEDIUM, "1", "18"),
    "sr.medium.architecture": lambda at: at.kind(MEDIUM, "architecture", "18"),
    "sr.medium.other": lambda at: at.fall(MEDIUM, "1", "2"),
    "sr.medium.systems": lambda at: at.kind(MEDIUM, "kernels", "18"),
    "sr.step.max": lambda at: max(at.steps(SMALL, "74")),
    "sr.step.mean": lambda at: fmean(at.steps(SMALL, "74")),
    "nc.gpt2.cost": lambda at: at.of(DOLLARS, "0"),
    "nc.first": lambda at: at.of("nanochat", "1") / 3600,
    "nc.600": lambda at: at.fall(DOLLARS, "0", "1"),
    "nc.rate": lambda at: _yearly(at.fall(DOLLARS, "0", "1"), at.years(DOLLARS, GPT2, "1")),
    "nc.last": lambda at: at.of("nanochat", "6") / 3600,
    "nc.48": lambda at: 7200 * at.of(DOLLARS, "1") / at.of("nanochat", "1"),
    "mn.75s": lambda at: at.of(SMALL, "89"),
    "mn.400M": lambda at: at.of(SMALL, "89", "training_tokens") / 1e6,
    "mn.timing": lambda at: at.of(SMALL, "21a") - at.of(SMALL, "21"),
    "dawn.time.1": _board("alibabacloud_resnet50_gn6e_16_machine_tensorflow"),
    "dawn.time.2": _board("huaweicloud_resnet50_modelarts_16_machine_tensorflow18"),
    "dawn.time.4": _board("fastai_resnet50_p3_16_machine_pytorch"),
    "dawn.time.5": _board("fastai_resnet50_p3_8_machine_pytorch"),
    "dawn.time.7": _board("google_amoeba_net_d_quater_tpupod_tensorflow18"),
    "dawn.time.8": _board("google_amoeba_net_d_sixteenth_tpupod_tensorflow18"),
    "dawn.cost.49.3": lambda at: at.of(
        "dawnbench-imagenet-cost", "google_amoeba_net_d_tpu_tensorflow18"
    ),
    "dawn.cost.58.53": lambda at: at.of(
        "dawnbench-imagenet-cost", "google_resnet50_tpu_tensorflow18"
    ),
    "dawn.cifar.174": lambda at: at.of("dawnbench-cifar10-time", "fastai_pytorch"),
    "dawn.cifar.79": lambda at: at.of(
        "dawnbench-cifar10-time", "davidcpage_resnet9_1v100-ec2_pytorch"
    ),
    "ab.hive": lambda at: 100 * (1 - 1 / at.fall("cifar10-a100-94", "10", "16")),
    "ab.96": lambda at: at.of("cifar10-a100-96", "1"),
    "pg.last": lambda at: at.of("parameter-golf", "44", "score"),
    "wh.rate": lambda at: _yearly(46, (datetime.date(2026, 3, 14) - GPT2).days / DAYS_PER_YEAR),
}


def published_table(
    content: bytes, where: str, histories: Mapping[str, History], records: pl.DataFrame
) -> pl.DataFrame:
    """Return the table `record_published`, from the register of published numbers.

    Parameters
    ----------
    content, where
        The register and what errors call it.
    histories, records
        Histories by track, of each track's main measure; the entries of all tracks.

    Raises
    ------
    InputError
        for a register with other columns, and for a cell that is no number.
    """
    at = Lookup(histories, records)
    rows = []
    for line, row in enumerate(_rows(content, where), 2):
        value, low, high = (
            _number(row[name], where, line, name) for name in ("value", "low", "high")
        )
        ours, why = _ours(row["id"], at)
        rows.append(
            {
                "id": row["id"],
                "quantity": row["quantity"],
                "published": value,
                "published_low": low,
                "published_high": high,
                "unit": row["unit"],
                "ours": ours,
                "difference": ours / value - 1 if ours is not None and value else None,
                "agrees": None if ours is None else _agrees(ours, row["value"], row["bound"]),
                "source": row["source"],
                "note": "; ".join(filter(None, (row["note"], why))) or None,
            }
        )
    return frame_of(PUBLISHED, rows)


def _ours(name: str, at: Lookup) -> tuple[float | None, str]:
    """Our number, or why there is none."""
    if name not in CALCULATIONS:
        return None, "not computed: its data are not in the registers"
    try:
        return float(CALCULATIONS[name](at)), ""
    except KeyError as absent:
        return None, f"not computed: the registers have no {absent.args[0]}"


def _agrees(ours: float, printed: str, bound: str) -> bool:
    value = float(printed)
    if bound:
        return ours <= value if bound == "at_most" else ours >= value
    digits = len(printed.partition(".")[2])
    return abs(ours - value) <= 0.5 * 10.0**-digits * (1 + 1e-9)


def _rows(content: bytes, where: str) -> list[dict[str, str]]:
    register = read_register(content, where)
    register.check_header(COLUMNS)
    for line in register.lines:
        place, bound = f"line {line.number}", line.text("bound")
        if bound not in BOUNDS:
            raise InputError(where, f"{place}, bound", bound, "at_most, at_least or blank")
        if not line.text("value"):
            raise InputError(where, f"{place}, value", None, "give the number as printed")
    return [dict(line.cells) for line in register.lines]


def _number(cell: str, where: str, line: int, column: str) -> float | None:
    if not cell:
        return None
    try:
        return float(cell)
    except ValueError:
        fix = "give a number as printed, or a blank"
        raise InputError(where, f"line {line}, {column}", cell, fix) from None
