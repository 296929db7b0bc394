"""The style of every figure: one palette, one style file, and the look of each estimator."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import matplotlib.style
from matplotlib.figure import Figure

from algoprog.report.figures.parts.powers import with_plain_powers

P = ParamSpec("P")
R = TypeVar("R")

# One palette for figures and page. Neighbours in DATA_COLOURS differ in lightness as well as in
# hue, so they stay apart in greyscale and with any colour-vision deficiency; markers and direct
# labels say the same a second time.
PALETTE = {
    "ink": "#1f2328",
    "muted": "#636c76",
    "grid": "#d8dee4",
    "surface": "#ffffff",
    "blue": "#174a8c",
    "vermillion": "#d1560b",
    "gold": "#e3b505",
    "purple": "#7a2a7f",
    "sky": "#58b0e3",
    "green": "#12876a",
}
# The same names on a dark page.
DARK_PALETTE = {
    "ink": "#e6edf3",
    "muted": "#9198a1",
    "grid": "#30363d",
    "surface": "#0d1117",
    "blue": "#3f86ec",
    "vermillion": "#f5995c",
    "gold": "#f5e08a",
    "purple": "#b283f2",
    "sky": "#a8dcff",
    "green": "#2ca882",
}
DATA_COLOURS = ("blue", "vermillion", "gold", "purple", "sky", "green")
# Each marker with the share of its square that it fills, so that equal areas look equal.
FILLED = {"o": 0.79, "s": 1.0, "^": 0.5, "D": 1.0, "v": 0.5, "P": 0.56, "X": 0.56}
ESTIMATOR_COLOURS = {"converged": "blue", "published": "vermillion"}
ESTIMATOR_MARKERS = {"converged": "o", "published": "D"}

WIDE, SMALL_WIDE = 7.4, 3.9  # inches; a small figure is read on a phone


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` under the style file, whatever the caller's settings of matplotlib are."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.style.context(["default", "algoprog.report.figures.algoprog"]):
            # what no style may set, and a user's matplotlibrc may have set
            matplotlib.rcParams.update({"timezone": "UTC", "date.epoch": "1970-01-01T00:00:00"})
            # a label of a record or of the configuration is never read as mathematics
            matplotlib.rcParams.update({"text.parse_math": False, "text.usetex": False})
            return function(*args, **kwargs)

    return inner


def settled(figure: Figure) -> Figure:
    """Return the figure with its layout worked out for good; drawing would move it a little."""
    with_plain_powers(figure)
    lay_out(figure)
    figure.set_layout_engine("none")
    return figure


def lay_out(figure: Figure) -> None:
    """Work out the layout of a figure."""
    engine = figure.get_layout_engine()
    if engine and figure.axes:
        for _ in range(2):  # the second time with what the first has made room for
            engine.execute(figure)
