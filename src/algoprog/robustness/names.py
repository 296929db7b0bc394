"""Names and levels of the tables of robustness, for those who read them."""

from __future__ import annotations

# The check, and its setting, that is the headline itself.
HEADLINE = "headline"
# Levels (per cent) of the intervals whose coverage is simulated.
COVERED = (90, 95)
# The interval without resampling: growth at which the profile loses no more than a critical loss.
PROFILE = "profile"
