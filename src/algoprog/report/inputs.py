"""What a page is made from, as every section and every figure is given it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import polars as pl

from algoprog.quantities.headline import Headline
from algoprog.report.settings import Analysis, PageSettings

T = TypeVar("T")
Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]

NO_HEADLINE = Headline(())
# The headline's two estimators, the audited one first.
ESTIMATORS = ("published", "converged")


@dataclass(frozen=True)
class Inputs:
    """What a page is made from.

    Attributes
    ----------
    tables : result tables by name, as they are there: fits, parameters, doubling_times and those of
        the samples always, the others if they were computed.
    samples : rows of a sample by its name.
    draws : bootstrap draws by the name of their analysis, a column for each parameter.
    settings : the configuration, as far as the page speaks of it.
    headline : the sentences a run ends with.
    record : the record of the run (YAML).
    run_times : rows of :func:`algoprog.report.run_times.run_times`.
    figures : figures that are drawn already, by name, as SVG; any other is drawn for the page.
    kept : what functions of a page's inputs have found (:func:`once`).
    """

    tables: Tables
    samples: Tables
    draws: Tables
    settings: PageSettings
    headline: Headline = NO_HEADLINE
    record: str = ""
    run_times: tuple[Row, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def analysis(self, name: str) -> Analysis:
        """Return a bootstrap analysis by its name."""
        return self.settings.bootstrap.analyses[name]

    @property
    def converged(self) -> Analysis:
        """The bootstrap analysis that is the headline."""
        return self.analysis(self.settings.headline.converged)

    @property
    def published(self) -> Analysis:
        """The bootstrap analysis of the published procedure."""
        return self.analysis(self.settings.headline.published)

    @property
    def headlines(self) -> dict[str, Analysis]:
        """Both analyses of the headline by estimator, the published one first."""
        return {"published": self.published, "converged": self.converged}

    @property
    def drawn(self) -> list[str]:
        """Analyses with draws: the headline, the published procedure, then the others."""
        names = [*self.settings.headline.names, *self.settings.bootstrap.analyses]
        return [name for name in dict.fromkeys(names) if name in self.draws]

    @property
    def sample(self) -> pl.DataFrame:
        """The rows of the headline's sample."""
        return self.samples[self.converged.sample]

    def response(self, sample: str, estimator: str) -> str:
        """Return the perplexity that an estimator explains on a sample."""
        return self.settings.samples[sample].response[estimator]

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a result table; none of a table that is not there."""
        return self.tables[table].to_dicts() if table in self.tables else []


def once(function: Callable[[Inputs], T]) -> Callable[[Inputs], T]:
    """Let several sections and figures of a page ask for what is computed once for its inputs.

    What the function returns is shared, so nobody may change it.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def found(inputs: Inputs) -> T:
        if name not in inputs.kept:
            inputs.kept[name] = function(inputs)
        kept: T = inputs.kept[name]
        return kept

    return found
