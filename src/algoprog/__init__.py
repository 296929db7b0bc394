"""Algorithmic progress in language models: how fast a fixed loss gets cheaper to train."""

__version__ = "0.2.0"
