"""Names of systems and papers as two sources share them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import polars as pl

from algoprog.records.specification import DIFFERENCES

_PARTS = {"{text}": r"[^()\[\]]{1,80}", "{year}": r"[0-9]{4}[a-z]?"}
# Addresses under which a paper of arXiv is: its own, its DOI, and those of sites that show it.
_ARXIV = re.compile(
    r"(?:(?:arxiv|ar5iv|alphaxiv)\.org/(?:abs|pdf|html|format|ps|src|overview)/"
    r"|doi\.org/10\.48550/arxiv\.|huggingface\.co/papers/|hf\.co/papers/)"
    r"([0-9]{4}\.[0-9]{4,5}|[a-z.-]+/[0-9]{7})",
    re.IGNORECASE,
)


def name_key(name: str, differences: Sequence[str] = DIFFERENCES) -> str:
    """Return the name as two sources share it, without differences that do not matter.

    Compatible characters count as the same (NFKC). "+" is kept, for it says what a system has
    besides; what stands between two digits is kept too, as "." or "-": 1.5B is not 15B, and "2 12B"
    not "212B". A name of punctuation alone stays as it is.

    Parameters
    ----------
    differences : those left out, of :data:`~algoprog.records.specification.DIFFERENCES`.
    """
    text = unicodedata.normalize("NFKC", name)
    if "case" in differences:
        text = text.casefold()
    kept: list[str] = []
    between = ""
    for character in text:
        blank = character.isspace()
        plain = blank or character == "+" or character.isalnum()
        if (blank and "blanks" in differences) or (not plain and "punctuation" in differences):
            between += character
            continue
        if between and kept and kept[-1].isdigit() and character.isdigit():
            kept.append("." if between == "." else "-")
        between = ""
        kept.append(character)
    return "".join(kept) or text


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case, also those run together (testLoss); % is a word."""
    found = re.findall(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|%", name)
    return [word.lower() for word in found]


def stripped(names: pl.Series, patterns: Sequence[str]) -> pl.Series:
    """Return names without the parts that match one of the patterns, where anything is left.

    A pattern is plain text in which ``{text}`` stands for any text without brackets and ``{year}``
    for four digits: ``({text}, {year})`` takes off "(Merity et al., 2017)".
    """
    found = names
    for pattern in patterns:
        parts = re.split(r"(\{text\}|\{year\})", pattern)
        regex = "".join(_PARTS.get(part) or re.escape(part) for part in parts)
        found = found.str.replace_all(rf"\s*{regex}\s*", " ")
    found = found.str.strip_chars()
    return found.zip_with(found.str.len_chars() > 0, names)


def arxiv_id(url: str | None) -> str | None:
    """Return the arXiv identifier in a link, without its version; None where there is none."""
    match = _ARXIV.search(url or "")
    return match[1] if match else None
