"""Names and levels of the tables of robustness, for those who read them."""

from __future__ import annotations

from typing import Literal

# Growths whose sets can be asked for.
Quantity = Literal[
    "closed_form", "parameters", "data", "own_allocation", "own_parameters", "own_data", "own_trend"
]

# The check, and its setting, that is the headline itself.
HEADLINE = "headline"
# Levels (per cent) of the intervals whose coverage is simulated.
COVERED = (90, 95)
# The set of growths that a restricted wild cluster bootstrap accepts.
INVERTED = "inverted"
# Growth of the law without its penalty, -+ Student's t times an error that leaves out papers.
UNPENALISED = "unpenalised"
