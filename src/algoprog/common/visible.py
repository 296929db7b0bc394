"""Text that a terminal or a page shows as it is: nothing in it steers them."""

from __future__ import annotations

import re
import unicodedata

# Controls (ESC and the like), bidirectional and other invisible formats, halves of characters.
_STEERING = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
# Joins letters of some scripts and emoji, and steers nothing.
_KEPT = frozenset("\u200c\u200d\u00ad")

# What a part of an address is called that is a secret.
SECRET = re.compile(
    r"(?i).*(?:token|secret|passw|pwd|api[-_]?key|auth(?!or)|signature|credential|session).*|key|sig|code"
)
_LOGIN = re.compile(r"([/\\]{2}|:[/\\])[^/\\\s'\"]+@")
_ASKED = re.compile(r"([?&]([^=&\s'\"]+)=)[^&\s'\"]+")


def without_secrets(text: str) -> str:
    """Return a text whose addresses have lost their passwords and tokens."""
    if "/" not in text and "\\" not in text:
        return text
    text = _LOGIN.sub(r"\1…@", text)
    return _ASKED.sub(lambda m: f"{m[1]}…" if SECRET.fullmatch(m[2]) else m[0], text)


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
