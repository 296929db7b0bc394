"""Text that a terminal or a page shows as it is: nothing in it steers them."""

from __future__ import annotations

import unicodedata

# Controls (ESC and the like), bidirectional and other invisible formats, halves of characters.
_STEERING = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
# Joins letters of some scripts and emoji, and steers nothing.
_KEPT = frozenset("\u200c\u200d\u00ad")


def visible(text: str, kept: str = "\n") -> str:
    r"""Return a text whose invisible characters are written as escapes (\\x1b, \\u202e).

    Parameters
    ----------
    kept : characters that stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        repr(one)[1:-1]
        if unicodedata.category(one) in _STEERING and one not in kept and one not in _KEPT
        else one
        for one in text
    )
