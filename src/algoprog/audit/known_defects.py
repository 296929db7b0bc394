"""The defects of the published analysis: what is wrong, and why, in words.

Their numbers are made in :mod:`algoprog.audit.defects`, which shows each with the defect and
without; this module is apart so that who reads the words imports no estimator. Defects 1 to 7 were
known before; from 8 on they are this project's findings.
"""

from __future__ import annotations

from dataclasses import dataclass

from algoprog.common.numbers import significant


@dataclass(frozen=True)
class Defect:
    """A defect of the published analysis.

    ``text`` says what was done, why it is wrong, and what the numbers with the defect and without
    it are of. ``{size}`` and ``{repetitions}`` in it are the settings of the audit's noise.
    """

    title: str
    text: str

    def said(self, size: float, repetitions: int) -> str:
        """Return the text with the settings of the audit's noise."""
        return self.text.format(size=significant(size), repetitions=repetitions)


DEFECTS = {
    1: Defect(
        "The optimiser stops early",
        "Each published fit is one run of a general optimiser from zeros, with finite "
        "differences for its gradient and its default tolerance. Where it stops is not a "
        "minimum. “Without” is the minimum of the same objective on the same rows and "
        "response, so what differs is the optimiser’s doing alone. How far the doubling time "
        "moves is specific to the weight δ of the penalty: without a penalty, on each row’s own "
        "benchmark, the optimiser stops near the minimum, and both have about the same doubling "
        "time in closed form.",
    ),
    2: Defect(
        "Some rows carry another benchmark’s perplexity",
        "A system’s perplexity on the first benchmark it has a value for stands on all of its "
        "rows, also on those of other benchmarks. “Without”, each row has its own; both "
        "doubling times are at the minimum.",
    ),
    3: Defect(
        "The held-out error of m18 is an artefact",
        "In cross-validation the compute of the held-out row is divided by the least compute "
        "of the rows at hand, which is its own, so the prediction knows nothing of it. "
        "“Without”, it is divided by the least compute of the rows fitted, as they are.",
    ),
    4: Defect(
        "The Shapley loop for m13 does not accumulate along an order",
        "The loop over orders does not keep the factor that has just moved, so each factor "
        "moves alone from the first system, interactions are counted for none of them, and "
        "the shares do not sum to 1.",
    ),
    5: Defect(
        "A figure’s legend swaps “model 7” and “aggregated”",
        "The legend gives the distribution of the pooled models the name of m07, and the "
        "other way round. “With” is the interval of what is drawn under that name, “without” "
        "m07’s own.",
    ),
    6: Defect(
        "Rows of one paper are resampled as if independent",
        "The bootstrap draws rows. Those of one paper share authors, data and code, so they "
        "are not independent, and an interval that takes them to be says more than the "
        "records do. Both columns are the converged estimator’s: resampling rows, and whole "
        "papers.",
    ),
    7: Defect(
        "Variants are picked after one random split",
        "Variants and penalties are ranked by leaving out each row of one random part of the "
        "sample. Another split ranks them otherwise, and rows of the held-out row’s own paper "
        "stay in the fit. “Without” leaves out whole papers of the whole sample.",
    ),
    8: Defect(
        "The penalty makes most of the transformer’s effect",
        "The transformer multiplies loss by σ(γ). The penalty pulls γ to 0, where loss is "
        "halved, and no finite γ is without effect: penalty and form presuppose what is "
        "measured. “Without” is the factor exp(−κ), which the penalty pulls to no effect. "
        "Both are the converged estimator’s.",
    ),
    9: Defect(
        "Intervals of doubling times are percentiles of ratios",
        "A doubling time is a ratio with a pole at no growth. Draws with negative growth come "
        "out as negative months, which percentiles sort below the fastest. “Without” takes "
        "percentiles of growth and maps them; draws and fits are the same.",
    ),
    10: Defect(
        "What m14 can predict depends on where its years are counted from",
        "m14 multiplies by the logarithm of the calendar year, which hardly varies about a "
        "large value, so its rate has to be large and its level as large against it, and the "
        "penalty forbids both. Counted from the sample’s first year it is the same model but "
        "for what the penalty sees. Both errors are the converged estimator’s, leaving out "
        "papers.",
    ),
    11: Defect(
        "The ranking of the ten best is within the procedure’s own noise",
        "The best variants are taken by their held-out errors, but these move when every "
        "start of the optimiser is moved by {size} or the rows are put in another order. "
        "“With” is the largest error among {repetitions} such repetitions, “without” the "
        "error as it stands; what they differ by is chance.",
    ),
    12: Defect(
        "The training compute of the two Gophers is exchanged",
        "The compiled sheet gives each of the two Gophers about the training compute of the "
        "other. “Without” is what their paper states, as corrected here; recorded compute "
        "enters direct observation only.",
    ),
}
