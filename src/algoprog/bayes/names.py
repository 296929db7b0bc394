"""Names of Bayesian fits that configuration, tables and report share."""

HEADLINE = "headline"
