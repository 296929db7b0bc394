"""Fits of a model to data, with their certificates."""
