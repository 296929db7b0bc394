"""Figures: pure functions of result tables."""
