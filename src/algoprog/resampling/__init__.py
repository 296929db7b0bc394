"""Replicates, held-out errors and rankings of fitted models."""
