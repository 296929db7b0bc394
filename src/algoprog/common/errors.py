"""The one error a user's mistake raises: it says where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence

from algoprog.common.visible import visible, without_secrets


class InputError(Exception):
    """A mistake in what the user gave: configuration, a source, a record, a formula.

    where  the file, source or sample at fault ("config.yaml", "source register")
    place  where in it ("samples.paper.models_per_paper", "line 17, column Parameters")
    value  what was found there (None: nothing)
    fix    what to do about it

    Its text is one line. :meth:`combine` makes one error of several, a line each.
    """

    def __init__(self, where: str, place: str, value: object, fix: str) -> None:
        super().__init__(where, place, value, fix)
        self.where = where
        self.place = place
        self.value = value
        self.fix = fix
        self.others: tuple[InputError, ...] = ()

    @classmethod
    def combine(cls, errors: Sequence[InputError]) -> InputError:
        """One error that reports all of `errors` (at least one), in their order."""
        first, *rest = errors
        combined = cls(first.where, first.place, first.value, first.fix)
        combined.others = (*first.others, *(e for error in rest for e in (error, *error.others)))
        return combined

    def __str__(self) -> str:
        place = f", {_short(self.place, 240)}" if self.place else ""
        said = f"{_short(self.where, 240)}{place}: {_shown(self.value)}; {_short(self.fix, 1500)}"
        line = visible(without_secrets(said))
        return "\n".join([" ".join(line.split("\n")), *map(str, self.others)])


def _shown(value: object, longest: int = 120) -> str:
    if value is None:
        return "blank"
    try:
        text = repr(value) if isinstance(value, str) else str(value)
    except ValueError:  # Python prints no number of more than 4,300 digits
        text = "a number of too many digits"
    text = without_secrets(" ".join(text.split()))
    return _short(text, longest)


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
