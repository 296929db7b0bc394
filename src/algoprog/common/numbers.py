"""Numbers as a reader sees them; full precision is in the tables.

What is not a number is a dash, minus signs are true ones, and infinity is ∞.
"""

from __future__ import annotations

import math
from collections.abc import Callable

RAISED = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def months(value: float | None) -> str:
    """A doubling time: ∞, one decimal, none from 100 months on; two digits if tiny or huge."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) < 0.05 or abs(value) >= 1e7:
        return significant(value, 2)
    return f"{value:,.{1 if abs(value) < 100 else 0}f}".replace("-", "−")


def decimals(value: float | None, places: int) -> str:
    """So many decimals, with a true minus sign."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return _minus(f"{value:,.{places}f}")


def percent(value: float | None, places: int = 1) -> str:
    """A share as a percentage; one too small to show says so."""
    if value is None or math.isnan(value):
        return "–"
    if 0 < value < 0.5 * 10.0 ** -(places + 2):
        return f"<{10.0**-places:.{places}f} %"
    return _minus(f"{100 * value:.{places}f} %")


def scientific(value: float | None) -> str:
    """One digit and a power of ten."""
    if value is None or math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}·{power_of_ten(int(exponent))}"


def power_of_ten(power: int) -> str:
    """Return ten to a power: 10²²."""
    return f"10{str(power).translate(RAISED)}"


def _minus(text: str) -> str:
    """A number's text with a true minus sign, and none before zero."""
    nothing = text[0] in "+-" and not any(digit in text for digit in "123456789")
    return text[1:] if nothing else text.replace("-", "−")


def count(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}"


def large(value: float) -> str:
    """A whole number; from a million on four digits of it in words: 10 million, 1.5 billion."""
    rounded = float(f"{value:.4g}")
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if rounded >= size:
            return f"{rounded / size:g} {word}"
    return count(round(value))


def significant(value: float | None, digits: int = 3) -> str:
    """So many digits; from a million on and below 10⁻⁴ as a power of ten."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -4 <= power < 6:
        text = f"{float(f'{mantissa}e{power}'):,.{max(digits - 1 - power, 0)}f}"
    else:
        mantissa = f"{float(mantissa):g}"
        text = {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}·") + power_of_ten(power)
    return text.replace("-", "−")


def printed(value: float | None, digits: int = 6) -> str:
    """At most so many digits, without zeros at the end."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return significant(value)
    return f"{value:.{digits}g}".replace("-", "−")


def difference(value: float | None) -> str:
    """A signed relative difference as a percentage."""
    if value is None or math.isnan(value):
        return "–"
    if abs(value) < 5e-5:
        return "0 %" if value == 0 else "<0.01 %"
    return f"{100 * value:+.{2 if abs(value) < 0.1 else 0}f} %".replace("-", "−")


def signed(value: float | None, places: int = 2) -> str:
    """A change, with its sign."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "+∞" if value > 0 else "−∞"
    return _minus(f"{value:+.{places}f}")


FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        months, decimals, percent, scientific, count, significant, printed, difference, signed
    )
}  # fmt: skip


def format_delta(delta: float) -> str:
    """δ as it stands in a file name: the shortest text that reads back as the same number."""
    return repr(float(delta)).removesuffix(".0")
