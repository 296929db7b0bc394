"""All tables of record histories from the registers, the settings and a sample."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from algoprog.common.rows import Plain
from algoprog.histories.backtests import backtest_table
from algoprog.histories.decomposition import decomposition_table
from algoprog.histories.defects import defects_table
from algoprog.histories.forecasts import Horizons, forecast_table
from algoprog.histories.history import History, history
from algoprog.histories.pace import dry_spells_table, periods_table
from algoprog.histories.published import published_table
from algoprog.histories.rates import rates_table
from algoprog.histories.reading import (
    Registers,
    added,
    entries_of,
    read_records,
    registers,
    tracks_of,
)
from algoprog.histories.shares import gains_table, shares_table


@dataclass(frozen=True)
class Settings:
    """How record histories are analysed.

    compute_histories  tracks of which the history of training compute is shown beside the cost
    resamples          of the innovations, for shares of kinds
    draws              of a forecast of the level, and of each in its back-test
    horizons           days ahead, of tracks watched for a year at least (long) and others (short)
    """

    compute_histories: tuple[str, ...]
    resamples: int
    draws: int
    backtest_draws: int
    horizons: Horizons


def merged(
    tracks: pl.DataFrame,
    contents: Mapping[str, bytes],
    sources: Mapping[str, Plain],
    corrections: Mapping[str, Plain],
    watched: Mapping[str, datetime.date],
) -> Registers:
    """Return the entries of all sources as one register, checked.

    Parameters
    ----------
    tracks : DataFrame
        Of :func:`algoprog.histories.reading.read_tracks`.
    contents, sources : mapping
        Bytes, and entry in the configuration, of every source by name. The first is the register;
        of each other the entries count that come after the last the others have of a track.
    corrections : mapping
        The configuration's.
    watched : mapping
        The day on which a source at an address was downloaded: its tracks were watched until then.
    """
    records: pl.DataFrame | None = None
    for name, content in contents.items():
        read = read_records(name, sources[name], content)
        records = read if records is None else added(records, read)
        if name in watched:
            seen = pl.col("track").is_in(read["track"].unique().to_list())
            later = pl.max_horizontal("observed_until", pl.lit(watched[name]))
            until = pl.when(seen).then(later).otherwise("observed_until")
            tracks = tracks.with_columns(until.alias("observed_until"))
    assert records is not None
    return registers(tracks, records, corrections)


def histories_of(found: Registers, settings: Settings) -> list[History]:
    """Return the history of every track, and of the training compute of some, in order."""
    tracks = tracks_of(found.tracks)
    wanted = [(name, track.measure) for name, track in tracks.items()]
    wanted += [(name, "training_compute") for name in settings.compute_histories if name in tracks]
    made = []
    for name, measure in wanted:
        entries = entries_of(found.records, name, measure)
        if sum(entry.value is not None for entry in entries) > 1:
            made.append(history(tracks[name], entries, measure))
    return made


def result_tables(
    found: Registers,
    observed: list[History],
    published: tuple[str, bytes],
    settings: Settings,
    seed: int,
) -> dict[str, pl.DataFrame]:
    """Return every table of record histories by name.

    Parameters
    ----------
    found : Registers
        Tracks and entries.
    observed : list of History
        Direct observation as record histories: they have rates, and nothing that needs labels.
    published : tuple
        Name and bytes of the register of published numbers.
    settings, seed
        How histories are analysed, and the root of the seeds.
    """
    own = histories_of(found, settings)
    split = decomposition_table(found.records, tracks_of(found.tracks).values())
    main = {one.track.name: one for one in own if one.measure == one.track.measure}
    where, content = published
    return {
        "record_rates": rates_table([*own, *observed]),
        "record_gains": gains_table(own, found.records),
        "record_shares": shares_table(own, settings.resamples, seed),
        "record_periods": periods_table(own),
        "record_dry_spells": dry_spells_table(own),
        "record_decomposition": split,
        "record_forecast": forecast_table(own, settings.horizons, settings.draws, seed),
        "record_backtest": backtest_table(own, settings.horizons, settings.backtest_draws, seed),
        "record_published": published_table(content, where, main, found.records),
        "record_defects": defects_table(main.values(), split),
    }
