"""The kinds of source: what turns the bytes of each into a table of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from algoprog.records.parse.files import parse_csv, parse_json, parse_lm_eval_harness, parse_parquet
from algoprog.records.parse.pages import parse_html_table, parse_markdown_table

# A kind is one class in algoprog.config.sources and one function here.
KINDS: dict[str, Callable[[bytes, Mapping[str, Any], str], pl.DataFrame]] = {
    "csv": parse_csv,
    "parquet": parse_parquet,
    "json": parse_json,
    "markdown_table": parse_markdown_table,
    "html_table": parse_html_table,
    "lm_eval_harness": parse_lm_eval_harness,
}


def parse(content: bytes, spec: Mapping[str, Any], where: str) -> pl.DataFrame:
    """Table of a source's bytes: every cell a text (null: nothing), one row per record.

    Parameters
    ----------
    content : bytes
        The file.
    spec : mapping
        The source's entry in the configuration: kind, and what the kind needs besides.
    where : str
        What errors call the source.

    Returns
    -------
    DataFrame
        The source's columns, and those of :mod:`algoprog.records.parse.text` (#row, #place, ...).

    Raises
    ------
    InputError
        if the bytes are not of that kind; nothing else, whatever they are.
    """
    return KINDS[spec["kind"]](content, spec, where)
