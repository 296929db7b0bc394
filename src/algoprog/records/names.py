"""Names of systems as two sources share them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from algoprog.records.specification import DIFFERENCES


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
