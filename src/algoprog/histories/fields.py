"""The fields of a track and of an entry: type, unit, which values are possible."""

from __future__ import annotations

from typing import Literal, get_args

from algoprog.common.days import FIRST_DAY, LAST_DAY
from algoprog.records.fields import Field

_FLAG = (0.0, 1.0)

# In the order the register data/raw/record_tracks.csv has them.
TRACK_FIELDS: dict[str, Field] = {
    "track": Field("text", "name of the track", required=True),
    "name": Field("text", "its title", required=True),
    "kind": Field("text", "cost_at_target or score_at_budget", required=True),
    "measure": Field("text", "what falls: cost or score", required=True),
    "task": Field("text", "what is trained, on what", required=True),
    "target": Field("text", "the performance to reach, or the score that falls", required=True),
    "unit": Field("text", "unit of the cost (of the score, where there is no cost)", required=True),
    "hardware": Field("text", "the machine", required=True),
    "hardware_fixed": Field("number", "1 every entry on one machine", True, values=_FLAG),
    "competition_began": Field(
        "date", "when others could compete", least=FIRST_DAY, greatest=LAST_DAY
    ),
    "closed": Field("date", "the day it closed", least=FIRST_DAY, greatest=LAST_DAY),
    "observed_until": Field(
        "date", "the day until which it was watched", True, least=FIRST_DAY, greatest=LAST_DAY
    ),
    "url": Field("text", "link to the source", required=True),
    "licence": Field("text", "licence of the source", required=True),
    "note": Field("text", "what to know"),
}  # fmt: skip

# In the order the register data/raw/records.csv has them.
RECORD_FIELDS: dict[str, Field] = {
    "track": Field("text", "name of the track", required=True),
    "entry": Field("text", "the source's number or name of the entry", required=True),
    "published": Field("date", "date of the entry", True, least=FIRST_DAY, greatest=LAST_DAY),
    "date_precision": Field("text", "day, year or imputed"),
    "cost": Field("number", "cost in the track's unit", least=0, above=True),
    "reference_cost": Field(
        "number", "the previous record timed like this entry", least=0, above=True
    ),
    "score": Field("number", "loss, accuracy or bits per byte"),
    "unit": Field("text", "unit of the cost: that of the track", required=True),
    "record": Field("number", "1 below every earlier entry", True, values=_FLAG),
    "retiming": Field("number", "1 the same code timed anew", values=_FLAG),
    "steps": Field("number", "optimiser steps", least=0, above=True),
    "training_tokens": Field("number", "tokens trained on", least=0, above=True),
    "training_compute": Field("number", "FLOP", least=0, above=True),
    "logged_steps": Field("number", "steps in the linked log", least=0, above=True),
    "logged_seconds": Field("number", "seconds in the linked log", least=0, above=True),
    "hardware": Field("text", "the machine of this entry"),
    "devices": Field("number", "accelerators", least=0, above=True),
    "label": Field("text", "what was new, in our words"),
    "category": Field("text", "kind of innovation, the first one"),
    "categories": Field("text", "all kinds, separated by semicolons"),
    "framework_upgrade": Field("number", "1 a newer framework, same code", values=_FLAG),
    "listed": Field("date", "first day in the source's table", least=FIRST_DAY, greatest=LAST_DAY),
    "url": Field("text", "link to the entry"),
    "note": Field("text", "what to know"),
}  # fmt: skip

KINDS = ("cost_at_target", "score_at_budget")
MEASURES = ("cost", "score")
PRECISIONS = ("day", "year", "imputed")
# Kinds of innovation. `baseline` and `retiming` are none; `unlabelled` is what a source has named
# and nobody has read yet.
Category = Literal[
    "optimiser",
    "architecture",
    "attention",
    "objective",
    "tuning",
    "data",
    "precision",
    "kernels",
    "averaging",
    "regularisation",
    "compression",
    "evaluation",
    "hardware",
    "mixed",
]
CATEGORIES: tuple[str, ...] = get_args(Category)
BASELINE, RETIMING, UNLABELLED = "baseline", "retiming", "unlabelled"
