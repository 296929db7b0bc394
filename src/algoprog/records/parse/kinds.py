"""The kinds of source: what turns the bytes of each into a table of texts."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from algoprog.records.parse.files import parse_csv, parse_parquet
from algoprog.records.parse.harness import parse_lm_eval_harness
from algoprog.records.parse.html import parse_html_table
from algoprog.records.parse.markdown import parse_markdown_table
from algoprog.records.parse.structured import parse_json, parse_json_lines
from algoprog.records.parse.unpacking import in_utf8, unpacked
from algoprog.records.specification import Form

# A kind is a class in algoprog.config.sections.sources, which says what its entry may hold, and a
# function here.
KINDS: dict[str, Callable[[bytes, Form, str], pl.DataFrame]] = {
    "csv": parse_csv,
    "parquet": parse_parquet,
    "json": parse_json,
    "json_lines": parse_json_lines,
    "markdown_table": parse_markdown_table,
    "html_table": parse_html_table,
    "lm_eval_harness": parse_lm_eval_harness,
}


def parse(content: bytes, form: Form, where: str) -> pl.DataFrame:
    """Return the table of a source's bytes: every cell a text (null: nothing), one row per record.

    Parameters
    ----------
    content : bytes
        The file; it may be in gzip or Zstandard format.
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
    return KINDS[form.kind](readable(content, form, where), form, where)


def readable(content: bytes, form: Form, where: str) -> bytes:
    """Return the bytes of a source as its parser takes them: unpacked, a text in UTF-8.

    Raises
    ------
    InputError
        if they cannot be unpacked, or are not in the encoding of the form.
    """
    whole = unpacked(content, where)
    return whole if form.kind == "parquet" else in_utf8(whole, form.encoding, where)
