"""The result tables of record histories: what a row is, its key, and what each column holds."""

from __future__ import annotations

from algoprog.tables.declaration import Column, Group, Table

GROUP = Group("histories", "Record histories")

_TRACK = Column("track", "text", "", "name of the track, of the register record_tracks.csv")
_MEASURE = Column(
    "measure", "text", "", "what falls: cost (the track’s unit), score, or training_compute (FLOP)"
)


def _ends(name: str, unit: str, what: str) -> tuple[Column, Column]:
    return (
        Column(f"{name}_low", "number", unit, f"lower end of {what}"),
        Column(f"{name}_high", "number", unit, f"upper end of {what}"),
    )


_INTERVALS = (
    ("fifths", "the 95 % interval by calendar fifths (the headline)"),
    ("effort", "the 95 % gamma interval, given the effort there was"),
    ("cautious", "the cautious 95 % interval, the outer of both with bursts allowed for"),
)

RATES = Table(
    name="record_rates",
    group=GROUP,
    part="histories",
    row="a track, what falls in it, and a variant of the window",
    key=("track", "measure", "variant"),
    columns=(
        _TRACK,
        _MEASURE,
        Column(
            "variant",
            "text",
            "",
            "headline (opening day to the day watched), without_first, to_last_record, "
            "last_365_days, since_competition, without_upgrades (of frameworks), "
            "exact_dates (entries dated to the day)",
        ),
        Column("title", "text", "", "title of the track"),
        Column("unit", "text", "", "unit of what falls"),
        Column("hardware_fixed", "truth", "", "whether every entry runs on the same machine"),
        Column("opened", "date", "", "first day of the window"),
        Column("until", "date", "", "last day of the window"),
        Column("n", "integer", "", "gains in the window"),
        Column("n_eff", "number", "", "equal gains that say as much: (Σg)² / Σg²"),
        Column("opening", "number", "the track’s unit", "level the window opens with"),
        Column("last", "number", "the track’s unit", "level the window ends with"),
        Column("factor", "number", "", "total fall, as a factor; blank where a score falls"),
        Column("fall", "number", "bits or the score’s unit", "sum of the gains"),
        Column("rate", "number", "a year", "fall a year: bits, or the score’s unit"),
        *(end for name, what in _INTERVALS for end in _ends(f"rate_{name}", "a year", what)),
        Column("yearly_factor", "number", "", "2 to the power of the rate; blank for a score"),
        Column("halving_months", "number", "months", "12 / rate; blank for a score"),
        *(end for name, what in _INTERVALS for end in _ends(f"halving_{name}", "months", what)),
        Column("gain_date_correlation", "number", "", "rank correlation of gain with date"),
        Column("gain_date_p", "number", "", "its two-sided p-value (Student’s t)"),
        Column(
            "process_trend",
            "number",
            "a year",
            "b of records at the intensity exp(a + b t − c S), S the gain so far: a diagnosis",
        ),
        Column("process_trend_error", "number", "a year", "its standard error"),
        Column("process_saturation", "number", "a bit", "c of the same; 0 where gains add up"),
        Column("process_saturation_error", "number", "a bit", "its standard error"),
        Column("dates_known", "truth", "", "whether all its entries are dated to the day"),
        Column(
            "note", "text", "", "what to know: too few gains for a rate, the last gain dropped, …"
        ),
    ),
)

GAINS = Table(
    name="record_gains",
    group=GROUP,
    part="histories",
    row="a record of a track",
    key=("track", "measure", "entry"),
    columns=(
        _TRACK,
        _MEASURE,
        Column("entry", "text", "", "the source’s number or name"),
        Column("published", "date", "", "its date"),
        Column("date_precision", "text", "", "day, year or imputed"),
        Column("reference", "number", "the track’s unit", "previous record, timed like this one"),
        Column("level", "number", "the track’s unit", "the record"),
        Column("factor", "number", "", "reference / level; blank where a score falls"),
        Column("gain", "number", "bits or the score’s unit", "log₂ of the factor, or the fall"),
        Column("share", "number", "", "gain / sum of the track’s gains"),
        Column("rank", "integer", "", "1 the largest gain of the track"),
        Column("label", "text", "", "what was new, in our words; blank where nobody has read it"),
        Column("category", "text", "", "kind of innovation, the first; unlabelled where unknown"),
        Column("categories", "text", "", "all kinds, separated by semicolons"),
        Column("source", "text", "", "source of the entry, of `histories.sources`"),
    ),
)

SHARES = Table(
    name="record_shares",
    group=GROUP,
    part="histories",
    row="a kind of innovation in a track, by one way to count it",
    key=("track", "measure", "counting", "category"),
    columns=(
        _TRACK,
        _MEASURE,
        Column(
            "counting",
            "text",
            "",
            "primary (a gain is of its first kind) or split (evenly over all kinds named)",
        ),
        Column("category", "text", "", "kind of innovation"),
        Column("n", "integer", "", "records that name it (primary: as the first kind)"),
        Column("share", "number", "", "part of the track’s gains"),
        *_ends("ci95", "", "the 95 % interval of the share, by resampling innovations"),
        Column("n_draws", "integer", "", "resamples"),
    ),
)

PERIODS = Table(
    name="record_periods",
    group=GROUP,
    part="histories",
    row="a stretch of a track’s window",
    key=("track", "measure", "period"),
    columns=(
        _TRACK,
        _MEASURE,
        Column(
            "period",
            "text",
            "",
            "2025-H1 (half-year), 2025-03 (month, where the window is below a year), or "
            "halves (rate of the second half of the window over that of the first)",
        ),
        Column("opened", "date", "", "first day"),
        Column("until", "date", "", "last day"),
        Column("n", "integer", "", "gains in it"),
        Column("n_eff", "number", "", "equal gains that say as much"),
        Column("fall", "number", "bits or the score’s unit", "sum of its gains"),
        Column("rate", "number", "a year", "fall a year; of halves, the ratio of the two rates"),
        *_ends("rate_effort", "a year", "its 95 % gamma interval (of halves, normal in the log)"),
        Column("p", "number", "", "of halves: two-sided p-value that both have one rate"),
    ),
)

DRY_SPELLS = Table(
    name="record_dry_spells",
    group=GROUP,
    part="histories",
    row="a stretch of a track without a record",
    key=("track", "measure", "spell"),
    columns=(
        _TRACK,
        _MEASURE,
        Column("spell", "text", "", "longest, or since_last (to the day watched)"),
        Column("opened", "date", "", "day of the record before it"),
        Column("until", "date", "", "day of the record after it, or the day watched"),
        Column("days", "integer", "days", "its length"),
        Column("n", "integer", "", "records after the opening"),
        Column(
            "chance",
            "number",
            "",
            "exact chance of such a one among as many evenly spread records",
        ),
    ),
)

DECOMPOSITION = Table(
    name="record_decomposition",
    group=GROUP,
    part="histories",
    row="a record with known FLOP, against a start",
    key=("track", "start", "entry"),
    columns=(
        _TRACK,
        Column("start", "text", "", "entry that factors are measured from"),
        Column("entry", "text", "", "entry that they are measured to"),
        Column("published", "date", "", "its date"),
        Column("time_factor", "number", "", "time of the start / time of the entry, as timed"),
        Column("time_factor_chained", "number", "", "the same with re-timings chained"),
        Column("token_factor", "number", "", "tokens of the start / tokens of the entry"),
        Column("flop_factor", "number", "", "6ND of the start / 6ND of the entry"),
        Column("throughput_factor", "number", "", "time factor / FLOP factor, what is left"),
        Column("flop_share", "number", "", "log FLOP factor / log time factor"),
    ),
)

FORECAST = Table(
    name="record_forecast",
    group=GROUP,
    part="histories",
    row="a forecast of a track from the day it was watched",
    key=("track", "measure", "quantity", "horizon_days", "level"),
    columns=(
        _TRACK,
        _MEASURE,
        Column(
            "quantity",
            "text",
            "",
            "next_gap (days to the next record), next_gain, or level (the best by then)",
        ),
        Column("horizon_days", "integer", "days", "how far ahead; 0 for the next record"),
        Column("level", "integer", "%", "nominal level of the interval"),
        Column("from_day", "date", "", "day from which it looks ahead"),
        Column("median", "number", "days, bits or the track’s unit", "middle of the forecast"),
        Column("low", "number", "as median", "lower end; blank where the sample is too short"),
        Column("high", "number", "as median", "upper end; blank where the sample is too short"),
        Column("n", "integer", "", "records it rests on"),
        Column("n_draws", "integer", "", "draws; blank for order statistics"),
    ),
)

BACKTEST = Table(
    name="record_backtest",
    group=GROUP,
    part="histories",
    row="a way to forecast, tried at every past day or record of a track",
    key=("track", "measure", "quantity", "method", "horizon_days", "level"),
    columns=(
        _TRACK,
        _MEASURE,
        Column("quantity", "text", "", "next_gap, next_gain or level"),
        Column(
            "method",
            "text",
            "",
            "last_20 or all_past (order statistics), compound_poisson, straight_line "
            "(least squares on records with its textbook interval)",
        ),
        Column("horizon_days", "integer", "days", "how far ahead; 0 for the next record"),
        Column("level", "integer", "%", "nominal level"),
        Column("n", "integer", "", "forecasts tried"),
        Column("disjoint", "integer", "", "forecasts that do not overlap"),
        Column("covered", "number", "", "share of the forecasts that held"),
        Column("above", "number", "", "share in which the outcome lay above the interval"),
        Column("below", "number", "", "share in which the outcome lay below the interval"),
    ),
)

PUBLISHED = Table(
    name="record_published",
    group=GROUP,
    part="histories",
    row="a published number beside ours",
    key=("id",),
    columns=(
        Column("id", "text", "", "name of the row in published_histories.csv"),
        Column("quantity", "text", "", "what the number is"),
        Column("published", "number", "unit", "as printed"),
        *_ends("published", "unit", "the printed interval"),
        Column("unit", "text", "", "its unit"),
        Column("ours", "number", "unit", "computed from the registers; blank where impossible"),
        Column("difference", "number", "", "ours / published − 1"),
        Column("agrees", "truth", "", "whether ours rounds to the printed digits"),
        Column("source", "text", "", "where it stands"),
        Column("note", "text", "", "why it differs, or why it cannot be computed"),
    ),
)

DEFECTS = Table(
    name="record_defects",
    group=GROUP,
    part="histories",
    row="a usual estimate of a rate, and what is wrong with it",
    key=("track", "method"),
    columns=(
        _TRACK,
        Column(
            "method",
            "text",
            "",
            "least_squares (log cost of the records on date), end_points (opening to last "
            "record), throughput_from_start (FLOP decomposition from one start)",
        ),
        Column("claimed", "number", "months or factor", "what it says"),
        *_ends("claimed", "months or factor", "the interval it claims"),
        Column("ours", "number", "months or factor", "our headline for the same"),
        *_ends("ours", "months or factor", "our 95 % interval"),
        Column("fault", "text", "", "what is wrong, with its size"),
    ),
)

COVERAGE = Table(
    name="record_coverage",
    group=GROUP,
    part="coverage",
    row="an interval in a world of simulated histories of one size",
    key=("world", "records", "method"),
    columns=(
        Column("world", "text", "", "how gains and arrivals were drawn"),
        Column("records", "integer", "", "records expected in the window of five years"),
        Column(
            "method",
            "text",
            "",
            "fifths, effort, effort_given_pace (against the rate the drawn pace implies), "
            "cautious, least_squares",
        ),
        Column("histories", "integer", "", "histories with four records at least"),
        Column("covered", "number", "", "share whose interval holds the true rate"),
        Column("above", "number", "", "share whose interval lies above the truth"),
        Column("below", "number", "", "share whose interval lies below the truth"),
        Column("width", "number", "", "median of upper / lower end"),
        Column("bias", "number", "", "mean estimate / truth − 1"),
    ),
)

TABLES = (
    RATES,
    GAINS,
    SHARES,
    PERIODS,
    DRY_SPELLS,
    DECOMPOSITION,
    FORECAST,
    BACKTEST,
    PUBLISHED,
    DEFECTS,
    COVERAGE,
)
