"""The kinds of source: what turns the bytes of each into a table of texts."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from algoprog.records.parse.files import parse_csv, parse_json, parse_lm_eval_harness, parse_parquet
from algoprog.records.parse.html import parse_html_table
from algoprog.records.parse.markdown import parse_markdown_table
from algoprog.records.specification import Form

# A kind is a class in algoprog.config.sections.sources, which says what its entry may hold, and a
# function here.
KINDS: dict[str, Callable[[bytes, Form, str], pl.DataFrame]] = {
    "csv": parse_csv,
    "parquet": parse_parquet,
    "json": parse_json,
    "markdown_table": parse_markdown_table,
    "html_table": parse_html_table,
    "lm_eval_harness": parse_lm_eval_harness,
}


def parse(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of a source's bytes: every cell a text (null: nothing), one row per record.

    Parameters
    ----------
    content : bytes
        The file.
    form : Form
        The kind of the source, and what the kind needs besides.
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
    return KINDS[form.kind](content, form, where)
