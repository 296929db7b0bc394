"""Compiled inner loops of the solver: local minimisation of the penalised least squares.

The objective, for a compiled variant with terms k, parameters theta and weights w (sum 1), is

    F(theta) = sum_i w_i (y_i - yhat_i)^2 + sum_j penalty_j |theta_j|,
    yhat_i   = sum_k E_ki,   E_ki = exp(offset_ki + X_ki theta) s_i   for an exponential term,
                             E_ki = offset_ki + X_ki theta            for a linear one,

with s_i = sigma(theta_g)^{m_i} when the variant has a multiplier. Every derivative is in closed
form. The method is Newton's with a damping term; each step minimises the damped quadratic model
*plus the exact L1 term* by an active-set method, so a parameter lands on zero exactly.

``compiling`` says how functions are compiled; ``lanes`` adds up rows, the same way on every
processor; ``arrays`` names what travels together, ``rows`` holds the loops over rows, ``steps`` the
algebra on p x p matrices, ``descent`` the minimisation.
"""

from pathlib import Path

from algoprog.common.compiled import load_numba, remove_of_other_sources

load_numba()
_HERE = Path(__file__).parent
# the number of rows at once, of which compiled functions hold a copy, is the design's
SOURCES = (_HERE, _HERE.parents[1] / "model/design.py")
remove_of_other_sources(_HERE, SOURCES)
