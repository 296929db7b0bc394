"""The tokens of a condition, as SQL parts them: numbers, texts, names, words, signs."""

from __future__ import annotations

import re
from typing import NoReturn

LONGEST = 2000  # characters
LONGEST_NUMBER = 30  # characters
COMPARED = ("=", "<>", "!=", "<", "<=", ">", ">=")
_SIGNS = frozenset((*COMPARED, "||", "+", "-", "*", "/", "//", "%", "^", "::"))
_SKIPPED = re.compile(r"(?:\s|--[^\n]*)*")
_TOKEN = re.compile(
    r"""(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | '(?P<text>(?:[^'\0]|'')*)'
    | "(?P<quoted>(?:[^"\0]|"")+)"
    | (?P<word>[A-Za-z_]\w*)
    | (?P<mark>[(),])
    | (?P<sign>[-+*/<>=!~^%|&@#?:]+)""",
    re.VERBOSE | re.ASCII,
)


class ConditionError(ValueError):
    """A text that is no condition: what is wrong with it, and what to write instead."""

    def __init__(self, wrong: str, fix: str) -> None:
        super().__init__(f"{wrong}; {fix}")
        self.wrong, self.fix = wrong, fix


class Tokens:
    """The tokens of a text, one at a time."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ConditionError(f"{len(text)} characters", f"write at most {LONGEST}")
        self.text, self.end, self.depth = text, 0, 0
        self.kind: str | None = None
        self.token = self.word = ""
        self.advance()

    def advance(self) -> None:
        """Go on to the next token; ``kind`` is None at the end, ``word`` a word in capitals."""
        skipped = _SKIPPED.match(self.text, self.end)
        start = skipped.end() if skipped else self.end
        if start == len(self.text):
            self.kind, self.token, self.word, self.end = None, "", "", start
            return
        found = _TOKEN.match(self.text, start)
        if not found:
            fix = "write a SQL condition: columns, numbers, texts in single quotes, operators"
            raise ConditionError(f"{self.text[start : start + 20]!r} in it", fix)
        self.kind, self.end = found.lastgroup, found.end()
        self.token = found[self.kind or 0]
        self.word = self.token.upper() if self.kind == "word" else ""
        if self.kind == "sign":
            self._shorten(start)
        if self.kind == "number" and len(self.token) > LONGEST_NUMBER:
            fix = f"write at most {LONGEST_NUMBER} characters"
            raise ConditionError(f"the number {self.token[:12]}…", fix)

    def _shorten(self, start: int) -> None:
        """Leave out of an operator the signs of the number after it, and a comment, as SQL does."""
        run = re.split(r"--|/\*", self.token)[0]
        if not set(run) & set("~!@#^&|?%"):
            while len(run) > 1 and run[-1] in "+-":
                run = run[:-1]
        if run not in _SIGNS:
            fix = f"use {' '.join(sorted(_SIGNS))}, with blanks around them"
            raise ConditionError(f"the operator {self.token}", fix)
        self.token, self.end = run, start + len(run)

    def refuse(self, where: str) -> NoReturn:
        """Refuse the token where it stands."""
        found = repr(self.token) if self.kind else "the end"
        if self.kind == "text":
            where += ", a text"
        fix = "write one SQL condition, such as parameters > 1e9 AND system LIKE '%LSTM%'"
        raise ConditionError(f"{found} {where}", fix)

    def take(self, *tokens: str) -> str | None:
        """Return which of some words or signs the token is, and pass it; None where it is none."""
        found = self.word or (self.token if self.kind in ("sign", "mark") else "")
        if not found or found not in tokens:
            return None
        self.advance()
        return found

    def expect(self, token: str) -> None:
        """Pass a word or sign, or refuse what stands there instead."""
        if not self.take(token):
            self.refuse(f"where {token} is missing")
