"""The hierarchical Bayesian models, fitted by Stan."""
