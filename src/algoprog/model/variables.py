"""The variables a variant's formulas may name.

Apart from the code that computes them (:mod:`algoprog.model.design`), so that a configuration is
checked without importing it.
"""

VARIABLES = {
    "t": "years since the first publication of the sample",
    "n": "ln(N / min N), N parameters",
    "d": "ln(D / min D), D training tokens seen once",
    "d_seen": "ln of D*e against its minimum, e epochs (1 where unknown)",
    "d_effective": "ln of D*E(e) against its minimum, E(e) = 1 + R(1 - exp(-e/R)), R = 2.9157",
    "c": "ln(6ND / min 6ND)",
    "b": "benchmark, dummies against the baseline",
    "T": "1 for the transformer architecture, else 0",
    "Y": "calendar year as a real number",
    "V": "vocabulary in tokens, the benchmark's own where unknown",
}
