"""What a headline may say, given what varies in its sample: no rate where none can be known."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import polars as pl

from algoprog.common.rows import Plain, Row
from algoprog.quantities.headline import Headline, Statement
from algoprog.records.variation import CONSEQUENCE, INPUTS, fixed


@dataclass(frozen=True)
class Known:
    """What the rows of a headline's sample leave unknown.

    Attributes
    ----------
    no_rate : why no rate can be known, a clause each; empty where one can.
    cautions : what the answer or its interval cannot rest on, a sentence each.
    """

    no_rate: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    @classmethod
    def of(cls, rows: pl.DataFrame, not_identified: str | None, parameters: int) -> Known:
        """Return what a sample leaves unknown.

        Parameters
        ----------
        rows : the sample.
        not_identified : parameters of the headline's model that the rows do not determine, as the
            table ``fits`` names them.
        parameters : how many parameters the model has.
        """
        found = {one.field: one for one in fixed(rows)}
        # A model in which benchmarks do not differ tells a date that is the benchmark's.
        no_rate = tuple(
            one.said
            for name, one in found.items()
            if name in ("row", *INPUTS) and (not_identified or not one.within)
        )
        cautions = []
        papers = rows["paper"].n_unique()
        if "paper" in found:
            cautions.append(f"{_upper(found['paper'].said)}: {CONSEQUENCE['paper']}.")
        elif papers < parameters:
            cautions.append(
                f"The {papers} papers are fewer than the {parameters} parameters of the model: the "
                "interval is not to be relied on."
            )
        if not_identified and not no_rate:
            cautions.append(f"The rows do not determine {not_identified}.")
        return cls(no_rate, tuple(cautions))

    @classmethod
    def of_fit(cls, rows: pl.DataFrame, fits: pl.DataFrame, analysis: Row) -> Known:
        """Return what a sample leaves unknown of an analysis, by its row of the table ``fits``."""
        keys = ("sample", "variant", "delta", "estimator")
        fit = fits.filter(pl.col(key) == analysis[key] for key in keys)
        row: Plain = fit.row(0, named=True) if fit.height else {"not_identified": None, "p": 0}
        return cls.of(rows, row["not_identified"], row["p"])

    def said(self, headline: Headline) -> Headline:
        """Return the headline without rates that cannot be known, and with every caution."""
        if not self.no_rate:
            first, *others = headline.statements
            basis = " ".join([first.basis, *self.cautions]).strip()
            told = (dataclasses.replace(first, basis=basis), *others)
            return dataclasses.replace(headline, statements=told)
        answer = (
            "How fast algorithms reduce the compute needed cannot be known from this sample: "
            f"{' and '.join(self.no_rate)}."
        )
        return Headline((Statement(answer, " ".join(self.cautions)),))


def _upper(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
