"""The result tables of this package: what their rows and columns are."""

from __future__ import annotations

from algoprog.tables.columns import date, integer, number, text, truth
from algoprog.tables.declaration import Group, Table

ESTIMATES_GROUP = Group("estimates", "Every estimate on one axis")

RUNS_GROUP = Group("runs", "What moved, and what was not computed here")

ESTIMATES = Table(
    "estimates",
    group=ESTIMATES_GROUP,
    row="estimate of a pace of progress, published or ours",
    key=("id",),
    ordered=(),
    part="estimates",
    columns=(
        text("id", "name of the estimate"),
        text("whose", "`published` (by others) or `ours` (of a result table of this run)"),
        text("label", "what it is called"),
        text("source", "publication; of ours the result table that has the number"),
        integer("year", "year of publication; blank of ours"),
        text("reference", "arXiv number, DOI or address"),
        text("domain", "field of the systems, a code of `estimates.words.domains`"),
        text("scope", "which systems or task"),
        date("period_from", "first day it is of; blank where none is stated"),
        date("period_to", "last day it is of"),
        text("quantity", "what halves or doubles, a code of `estimates.words.quantities`"),
        text(
            "setting",
            "whose pace it is, a code of `estimates.words.settings`: `frontier` (best systems), "
            "`catch_up` (what a fixed level costs later), …",
        ),
        text("definition", "how the pace is defined, a code of `estimates.words.definitions`"),
        number("months", "halving (or doubling) time; inf where growth is not positive", "months"),
        number("low", "shorter end of the interval of it", "months"),
        number("high", "longer end of the interval of it; inf without progress", "months"),
        number("level", "level of the interval; blank where none is stated", "%"),
        number("growth", "ln of the yearly factor; 12 ln 2 over the months", "per year"),
        number("growth_low", "lower end of the interval of growth", "per year"),
        number("growth_high", "upper end of the interval of growth", "per year"),
        truth(
            "determined",
            "whether the interval leaves out an infinite time; blank without an interval",
        ),
        number("coverage", "least simulated coverage of the interval; blank where none is known"),
        number("coverage_highest", "largest simulated coverage of the interval"),
        truth("verified", "whether the number was read in its source, or is ours"),
        text(
            "status",
            "`read` in the source; `rate_second_hand`: the source was read, the yearly rate is "
            "another’s; `second_hand`: to be checked; `computed`: ours",
        ),
        text("stated", "the number as its source states it"),
        text("method", "how others found it"),
        text("note", "what to know of it"),
    ),
)

ESTIMATES_LEFT_OUT = Table(
    "estimates_left_out",
    group=ESTIMATES_GROUP,
    row="estimate of ours that is asked for and not there",
    key=("id",),
    ordered=(),
    part="estimates",
    columns=(
        text("id", "name of the estimate"),
        text("label", "what it is called"),
        text("table", "result table that it is looked up in"),
        text("reason", "why it is not there"),
    ),
)

FORECASTS = Table(
    "forecasts",
    group=ESTIMATES_GROUP,
    row="forecast made earlier, of the register of forecasts",
    key=("id",),
    ordered=("for_date", "id"),
    part="estimates",
    columns=(
        text("id", "name of the forecast"),
        date("made_on", "day it was made on"),
        date("for_date", "day it is for"),
        text("quantity", "what is forecast"),
        text("subject", "of what"),
        text("unit", "unit of the numbers"),
        number("value", "middle of the forecast", "as unit"),
        number("low", "lower end of its interval", "as unit"),
        number("high", "upper end of its interval", "as unit"),
        number("level", "level of the interval", "%"),
        text("source", "table of ours, or publication, that made it"),
        number("outcome", "what came to be; blank while nobody has entered it", "as unit"),
        text("outcome_source", "where the outcome is from"),
        text("note", "what to know of it"),
        truth("scored", "whether there is an outcome"),
        truth("inside", "whether the outcome lies in the interval"),
        number("error", "forecast less outcome", "as unit"),
        number(
            "interval_score",
            "width of the interval, and 2/α times how far the outcome lies outside; less is better",
            "as unit",
        ),
    ),
)

CHANGES = Table(
    "changes",
    group=RUNS_GROUP,
    row="record, number or cause that changed between two runs in this folder",
    key=("event", "number"),
    part="changes",
    columns=(
        integer("event", "which change of results it belongs to, the first is 1"),
        integer("number", "place within the event"),
        date("date", "day of the run that found it"),
        text(
            "kind",
            "`record`, `number`, or what may have moved numbers besides records: `setting` (of the "
            "configuration), `file` (another register), `program`",
        ),
        text(
            "what", "`came`, `went`, `edited` (a record), `moved` (a number), `changed` (a cause)"
        ),
        text("source", "source of the record, table of the number, section or path of the cause"),
        text("name", "record (system and benchmark), number, place in the configuration"),
        truth(
            "in_sample", "whether the record is, or was, in the headline’s sample; blank of others"
        ),
        text("detail", "what was edited or set, from what to what"),
        number("before", "the number in the run before; inf without progress", "months"),
        number("before_low", "lower end of its 95 % interval", "months"),
        number("before_high", "upper end of its 95 % interval", "months"),
        number("after", "the number now; inf without progress", "months"),
        number("after_low", "lower end of its 95 % interval", "months"),
        number("after_high", "upper end of its 95 % interval", "months"),
        number("without", "the headline with this record’s change undone", "months"),
        number("effect", "the headline less that: what the record moved", "months"),
        number("closed_form_without", "the closed form with this record’s change undone", "months"),
        number("closed_form_effect", "the closed form less that", "months"),
        truth("converged", "whether the fit with the change undone has its certificate"),
        text("causes", "of a number: all that differs between the runs and may have moved it"),
        text("moved_by", "of a number of the headline’s analysis: the record that moved it most"),
        text("reason", "why there is no fit with the change undone; blank where there is one"),
        text("sample_before", "first digits of a checksum of the sample’s rows in the run before"),
        text("sample_after", "the same now"),
    ),
)

SHIPPED = Table(
    "shipped_tables",
    group=RUNS_GROUP,
    row="result table of this run that came with the project, its numbers to six digits",
    key=("table",),
    part="shipped",
    columns=(
        text("table", "name of the table; its file is in results/shipped"),
        text("target", "what computes it here: `make` and this name"),
        date("computed", "day it was computed on"),
        date(
            "verified",
            "day on which its inputs, settings and code were last found to give the same numbers",
        ),
        text("version", "version of the program that computed it"),
        text("sha256", "checksum of the table"),
    ),
)

TABLES = (ESTIMATES, ESTIMATES_LEFT_OUT, FORECASTS, CHANGES, SHIPPED)
