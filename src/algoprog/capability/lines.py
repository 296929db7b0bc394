"""Least squares with what is asked of it next: errors, intervals, predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]


def t_quantile(degrees: float, level: float) -> float:
    """Return the quantile of Student's t that bounds a central interval of `level` (0.95)."""
    return float(stdtrit(degrees, 0.5 + level / 2))


@dataclass(frozen=True)
class Regression:
    """Least squares of y on columns, the first of them constant.

    coefficients, covariance  of the columns, in order
    sigma  standard deviation of a residual, with n - p degrees of freedom
    """

    coefficients: Array
    covariance: Array
    n: int
    sigma: float
    r2: float
    residual: Array

    @property
    def errors(self) -> Array:
        """Return the standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def degrees(self) -> int:
        """Return the degrees of freedom."""
        return self.n - len(self.coefficients)


def regress(y: Array, *columns: Array) -> Regression:
    """Return the least squares of y on a constant and `columns`, each of shape (n,)."""
    X = np.column_stack([np.ones(len(y)), *columns])
    centre = X[:, 1:].mean(axis=0)
    Z = X.copy()
    Z[:, 1:] -= centre
    beta = np.linalg.lstsq(Z, y, rcond=None)[0]
    residual = y - Z @ beta
    degrees = len(y) - X.shape[1]
    square = float(residual @ residual)
    variance = square / degrees if degrees > 0 else np.nan
    inverse = np.linalg.pinv(Z.T @ Z)
    back = np.eye(X.shape[1])
    back[0, 1:] = -centre  # the constant at 0 from the constant at the centre
    total = float(((y - y.mean()) ** 2).sum())
    return Regression(
        coefficients=back @ beta,
        covariance=variance * back @ inverse @ back.T,
        n=len(y),
        sigma=float(np.sqrt(variance)),
        r2=1 - square / total if total > 0 else np.nan,
        residual=residual,
    )


@dataclass(frozen=True)
class Line:
    """A straight line y = intercept + slope x by least squares.

    slope_error  standard error of the slope
    sigma   standard deviation of a residual, with n - 2 degrees of freedom
    centre, spread  mean of x and sum of squares about it
    """

    slope: float
    intercept: float
    slope_error: float
    n: int
    sigma: float
    r2: float
    centre: float
    spread: float

    @property
    def degrees(self) -> int:
        """Return the degrees of freedom."""
        return self.n - 2

    @property
    def p_value(self) -> float:
        """Return the two-sided p of a slope of 0."""
        return float(2 * stdtr(self.degrees, -abs(self.slope / self.slope_error)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the t interval of the slope."""
        half = t_quantile(self.degrees, level) * self.slope_error
        return self.slope - half, self.slope + half

    def at(self, x: Array) -> Array:
        """Return the line at x."""
        return np.asarray(self.intercept + self.slope * x)

    def band(self, x: Array, level: float = 0.95, *, new: bool = True) -> tuple[Array, Array]:
        """Return the interval of a new observation at x, or of the mean if not `new`."""
        variance = self.sigma**2 * (1 / self.n + (x - self.centre) ** 2 / self.spread)
        half = t_quantile(self.degrees, level) * np.sqrt(variance + (self.sigma**2 if new else 0))
        return self.at(x) - half, self.at(x) + half


def line(x: Array, y: Array) -> Line:
    """Return the least-squares line of y on x; with two points its errors are not numbers."""
    n = len(x)
    centre, spread = float(x.mean()), float(((x - x.mean()) ** 2).sum())
    slope = float((x - centre) @ y / spread) if spread > 0 else np.nan
    intercept = float(y.mean() - slope * centre)
    residual = y - intercept - slope * x
    square, total = float(residual @ residual), float(((y - y.mean()) ** 2).sum())
    sigma = float(np.sqrt(square / (n - 2))) if n > 2 else np.nan
    return Line(
        slope=slope,
        intercept=intercept,
        slope_error=sigma / np.sqrt(spread) if spread > 0 else np.nan,
        n=n,
        sigma=sigma,
        r2=1 - square / total if total > 0 else np.nan,
        centre=centre,
        spread=spread,
    )
