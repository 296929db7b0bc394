"""Numbers as a reader sees them."""

from __future__ import annotations

import math

from algoprog.common import numbers as number_text


def test_doubling_times_shares_and_certificates() -> None:
    assert [number_text.months(x) for x in (6.08, 143.6, math.inf, -4.33, None, math.nan)] == [
        "6.1", "144", "∞", "−4.3", "–", "–",
    ]  # fmt: skip
    assert [number_text.percent(x) for x in (0.025, 0.0, 0.0001, None)] == [
        "2.5 %",
        "0.0 %",
        "<0.1 %",
        "–",
    ]
    assert [number_text.scientific(x) for x in (6.2e-16, 0.0, 12.0)] == ["6·10⁻¹⁶", "0", "1·10¹"]
    assert number_text.decimals(-0.281, 2) == "−0.28"


def test_quantities_of_any_size() -> None:
    values = [9.339, 13.34, 193.3, 28290.3, 2.1e11, 1e22, 0.000786, -0.5, 999.7, 0.00001, 0.0]
    assert [number_text.significant(x) for x in values] == [
        "9.34", "13.3", "193", "28,300", "2.1·10¹¹", "10²²", "0.000786", "−0.500", "1,000",
        "10⁻⁵", "0",
    ]  # fmt: skip
    assert [number_text.significant(x) for x in (None, math.nan, math.inf, -math.inf)] == [
        "–", "–", "∞", "−∞",
    ]  # fmt: skip
    assert number_text.significant(-1e22) == "−10²²"
    assert [number_text.difference(x) for x in (0.0, 1e-6, -0.0123, 0.31, None)] == [
        "0 %", "<0.01 %", "−1.23 %", "+31 %", "–",
    ]  # fmt: skip
    assert [number_text.printed(x) for x in (0.518129265, 8.0, -1.5, None, math.inf)] == [
        "0.518129", "8", "−1.5", "–", "∞",
    ]  # fmt: skip
    assert [number_text.large(x) for x in (12.0, 999_999.0, 1e7, 1e9 - 1e-6, 1.5e9, 3e11)] == [
        "12", "1 million", "10 million", "1 billion", "1.5 billion", "300 billion",
    ]  # fmt: skip
    assert [number_text.signed(x) for x in (0.843, -0.5, None, math.inf, -math.inf)] == [
        "+0.84", "−0.50", "–", "+∞", "−∞",
    ]  # fmt: skip


def test_nothing_is_neither_negative_nor_a_rounded_zero() -> None:
    assert [number_text.months(x) for x in (0.0, -0.0, 0.004, -0.04, 0.06)] == [
        "0", "0", "0.0040", "−0.040", "0.1",
    ]  # fmt: skip
    assert number_text.decimals(-0.001, 2) == "0.00"
    assert number_text.percent(-0.0001) == "0.0 %"
    assert [number_text.large(x) for x in (12.0, 999_999.0, 1e7, 1e9 - 1e-6, 1.5e9, 3e11)] == [
        "12", "1 million", "10 million", "1 billion", "1.5 billion", "300 billion",
    ]  # fmt: skip
    assert [number_text.signed(x) for x in (-0.001, 0.0, 0.001)] == ["0.00", "0.00", "0.00"]
