"""Shapley shares: how much of the fall in loss between two systems each of its causes explains.

The players are parameters N, data D, parameter efficiency (time in the exponential of parameters)
and data efficiency (time in that of data). The value of a coalition S is the predicted loss when
the players in S have moved from the first system to the second (Ho et al. 2024, section 3.2):

    v(S) = exp(eta_alpha(N_S, t_alpha,S)) + exp(eta_beta(D_S, t_beta,S))

    phi_i = sum over S without i of |S|! (k - 1 - |S|)! / k! (v(S) - v(S + i)),   k players,

which is the mean over all k! orders of what i takes off the loss when it moves. A share is phi_i
over v(none) - v(all); shares sum to 1. A variant that tells architectures apart has a fifth player.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from algoprog.common.errors import InputError
from algoprog.common.intervals import percentiles
from algoprog.common.rows import Plain
from algoprog.model.points import coordinates, tropical_year
from algoprog.model.surface import Surface
from algoprog.quantities.closed_form import Key

Array = NDArray[np.float64]

PLAYERS = ("parameters", "data", "parameter_efficiency", "data_efficiency")
ARCHITECTURE = "architecture"
EFFICIENCY = {"parameters": "parameter_efficiency", "data": "data_efficiency"}
COMPUTE = ("parameters", "data")  # whose shares add up to that of compute
_SCALES = {"n": "parameters", "d": "data", "d_seen": "data", "d_effective": "data"}


@dataclass(frozen=True)
class System:
    """A published system: counts of parameters and training tokens, date in years.

    ``transformer`` is None where it is not given.
    """

    name: str
    parameters: float
    dataset_tokens: float
    year: float
    transformer: bool | None = None

    @classmethod
    def of(cls, name: str, spec: Plain) -> System:
        """From its configuration: parameters, dataset_tokens, published, maybe architecture."""
        architecture = spec.get("architecture")
        return cls(
            name=name,
            parameters=float(spec["parameters"]),
            dataset_tokens=float(spec["dataset_tokens"]),
            year=tropical_year(spec["published"]),
            transformer=None if architecture is None else architecture == "transformer",
        )


class Systems(tuple[System, ...]):
    """Systems in the order of the configuration's mapping that they are made of."""

    def __new__(cls, plain: Mapping[str, Plain] | Sequence[System]) -> Self:
        """Take the mapping, or systems as they are."""
        if isinstance(plain, Mapping):
            return super().__new__(cls, (System.of(name, spec) for name, spec in plain.items()))
        return super().__new__(cls, plain)


def shapley_shares(values: Array) -> Array:
    """Shares (..., k) of the reduction v(none) - v(all) of coalition values (..., 2^k).

    Coalition s holds player i where bit i of s is set. NaN where the reduction is exactly 0. A
    player who changes no value gets exactly 0, since differences are taken before they are summed.
    """
    players = int(values.shape[-1]).bit_length() - 1
    coalitions = np.arange(2**players)
    weights = np.array(
        [
            factorial(size) * factorial(players - 1 - size) / factorial(players)
            for size in range(players)
        ]
    )
    shares = np.zeros((*values.shape[:-1], players))
    reduction = values[..., 0] - values[..., -1]
    for player in range(players):
        without = coalitions[coalitions >> player & 1 == 0]
        sizes = [int(coalition).bit_count() for coalition in without]
        taken_off = values[..., without] - values[..., without | 1 << player]
        with np.errstate(divide="ignore", invalid="ignore"):
            shares[..., player] = taken_off @ weights[sizes] / reduction
    return np.where(reduction[..., None] == 0, np.nan, shares)


def shapley_not_accumulating(values: Array) -> Array:
    """What the published loop for m13 computes instead of Shapley shares; for the audit only.

    Its loop over orders never keeps the player that has just moved, so every player moves alone
    from the first system, in each order the same: phi_i = v(none) - v({i}). These are the marginal
    contributions of players who come first, and interactions are counted for nobody. Losses that
    are sums of exponentials are convex in the players' logarithms, so moving first takes off more
    than moving later, and over v(none) - v(all) the "shares" sum to more than 1.
    Shapes as in :func:`shapley_shares`.
    """
    players = int(values.shape[-1]).bit_length() - 1
    alone = values[..., [1 << player for player in range(players)]]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (values[..., :1] - alone) / (values[..., :1] - values[..., -1:])
    return np.where(values[..., :1] == values[..., -1:], np.nan, shares)


def _baseline(surface: Surface) -> dict[str, Any]:
    """Benchmark and vocabulary at which systems are compared: the sample's baseline."""
    name = surface.units.baseline
    return {"b": name, "V": surface.units.vocabulary(name)}


def _moves(surface: Surface, variable: str) -> list[bool]:
    """Whether a variable enters each term of a variant (on the baseline)."""
    # many points, since a term may stand still between two of them (an era's indicator)
    at = np.linspace(0.0, 1.0, 2) if variable == "T" else np.linspace(0.3, 12.7, 41)
    values = {name: np.full(at.size, 3.0) for name in ("t", *_SCALES, "c")}
    values |= {"T": np.ones(at.size), variable: at}
    design = surface.design(**values, **_baseline(surface))
    return [
        bool(np.ptp(design.columns[term.start : term.stop], axis=1).any())
        or bool(np.ptp(design.offset[k]))
        for k, term in enumerate(design.terms)
    ]


def exponents_of(surface: Surface) -> list[str]:
    """Whose efficiency time is in each term of a variant: ``parameters``, ``data`` or neither ("").

    Raises
    ------
    InputError
        where efficiencies do not separate: time in an exponential of compute, of both scales or of
        none, or outside the exponentials.
    """
    design = surface.design(t=0.0)
    scales = {name: _moves(surface, name) for name in (*_SCALES, "c")}
    owners = []
    for k, (term, timed) in enumerate(zip(design.terms, _moves(surface, "t"), strict=True)):
        found = {_SCALES.get(name, "compute") for name, moves in scales.items() if moves[k]}
        if timed and (not term.exponential or len(found) != 1 or "compute" in found):
            raise InputError(
                "config.yaml",
                f"variants.{surface.model.variant.name}",
                f"time in a term with {' and '.join(sorted(found)) or 'neither scale'}",
                "for Shapley shares use a variant with one exponential of parameters and one of "
                "data",
            )
        owners.append(next(iter(found)) if timed else "")
    return owners


def players_of(surface: Surface) -> tuple[str, ...]:
    """The players of a variant: the four, and the architecture where the variant knows it."""
    multiplied = surface.design(t=0.0, T=1.0).multiplier_parameter >= 0
    return (*PLAYERS, ARCHITECTURE) if multiplied or any(_moves(surface, "T")) else PLAYERS


def _architectures(
    surface: Surface, systems: Sequence[System], players: Sequence[str]
) -> NDArray[np.float64]:
    """T (s,) of each system; not asked for where the variant does not tell them apart."""
    if ARCHITECTURE not in players:
        return np.zeros(len(systems))
    for system in systems:
        if system.transformer is None:
            raise InputError(
                "config.yaml",
                f"systems.{system.name}.architecture",
                None,
                f"give the architecture; variant {surface.model.variant.name} tells them apart",
            )
    return np.array([float(bool(system.transformer)) for system in systems])


def coalition_values(
    surface: Surface, theta: Array, systems: Sequence[System], pairs: Sequence[tuple[int, int]]
) -> Array:
    """Predicted loss (r, pairs, 2^k) in nats of every coalition, for draws theta (r, p).

    ``pairs`` are positions in ``systems`` (from, to). Bit i of a coalition is player i of
    :func:`players_of`. Time is one date in the exponential of parameters and another in that of
    data: the variant is compiled at both, and each exponential taken from its own.
    """
    players, owners = players_of(surface), exponents_of(surface)
    coalitions = np.arange(2 ** len(players))
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)

    def state(player: str, of_systems: Array) -> Array:
        """A variable (pairs * 2^k,) where it is that of the first or second system by player."""
        if player not in players:
            return np.zeros(len(ends) * len(coalitions))
        moved = coalitions >> players.index(player) & 1
        return np.asarray(of_systems[np.where(moved, ends[:, 1:], ends[:, :1])].ravel())

    years = np.array([system.year for system in systems])
    log_parameters = np.log([system.parameters for system in systems])
    log_tokens = np.log([system.dataset_tokens for system in systems])
    transformer = state(ARCHITECTURE, _architectures(surface, systems, players))
    predictors = {}
    for scale in ("parameters", "data"):
        point = coordinates(
            surface.units.origin,
            state("parameters", log_parameters),
            state("data", log_tokens),
            state(EFFICIENCY[scale], years),
        )
        design = surface.design(**point, T=transformer, **_baseline(surface))
        predictors[scale] = surface.linear_predictors(theta, design)
    inner = np.zeros((len(theta), design.n))
    outer = np.zeros_like(inner)
    for k, (term, owner) in enumerate(zip(design.terms, owners, strict=True)):
        eta = predictors[owner or "data"][k]
        if term.exponential:
            inner += np.exp(eta)
        else:
            outer += eta
    loss = surface.multiplier(theta, design) * inner + outer
    return loss.reshape(len(theta), len(ends), len(coalitions))


def predicted_losses(surface: Surface, theta: Array, systems: Sequence[System]) -> Array:
    """Predicted loss (r, s) in nats of systems on the baseline, each at its own date."""
    point = coordinates(
        surface.units.origin,
        np.log([system.parameters for system in systems]),
        np.log([system.dataset_tokens for system in systems]),
        [system.year for system in systems],
    )
    transformer = _architectures(surface, systems, players_of(surface))
    return surface.loss(theta, surface.design(**point, T=transformer, **_baseline(surface)))


def _thetas(
    surface: Surface, estimates: Mapping[str, float], draws: pl.DataFrame | None
) -> tuple[Array, Array | None]:
    point = np.array([[estimates[name] for name in surface.names]])
    return point, None if draws is None else draws.select(surface.names).to_numpy()


def shapley_rows(
    surface: Surface,
    systems: Sequence[System],
    key: Key,
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
) -> list[dict[str, Any]]:
    """Rows of `shapley`: one for each pair of systems, the earlier first, and each factor.

    Parameters
    ----------
    systems : in any order.
    key : columns that all rows share (sample, variant, delta, estimator, resampling).
    estimates : parameters of the fit by name.
    draws : bootstrap draws with a column for each parameter, or None.

    ``share`` is the point's, ``reduction`` the fall in loss in nats that it is a share of, and
    ``share_perplexity`` the point's share of the fall of exp(loss), by the same coalitions. The
    factor ``compute`` is parameters and data together. ``share_not_reduced`` counts draws in which
    the second system's loss is not lower, whose shares are not of a reduction; draws in which the
    two losses are equal have no shares and are left out of ``n_draws``.
    """
    known = sorted(systems, key=lambda system: system.year)
    pairs = list(combinations(range(len(known)), 2))
    players = players_of(surface)
    if not pairs:
        return []
    point, replicates = _thetas(surface, estimates, draws)

    def factors(values: Array) -> tuple[Array, dict[str, Array]]:
        shares = shapley_shares(values)
        found = {player: shares[..., i] for i, player in enumerate(players)}
        found["compute"] = np.sum([found[player] for player in COMPUTE], axis=0)
        return values[..., 0] - values[..., -1], found

    at_point = coalition_values(surface, point, known, pairs)
    reduction, share = factors(at_point)
    of_perplexity = factors(np.exp(at_point))[1]
    drawn = None
    if replicates is not None:
        drawn = factors(coalition_values(surface, replicates, known, pairs))
    rows = []
    for p, (first, second) in enumerate(pairs):
        for factor in share:
            row: dict[str, Any] = {
                **key,
                "from_system": known[first].name,
                "to_system": known[second].name,
            }
            row |= {"factor": factor, "share": float(share[factor][0, p])}
            row |= {"share_perplexity": float(of_perplexity[factor][0, p])}
            row |= {"reduction": float(reduction[0, p])}
            if drawn is not None:
                of_draws = drawn[1][factor][:, p]
                defined = of_draws[~np.isnan(of_draws)]
                if len(defined):
                    row |= percentiles(defined).columns()
                row |= {"share_not_reduced": float(np.mean(drawn[0][:, p] <= 0))}
            rows.append(row)
    return rows


def log_compute_shares(first: System, second: System, growth: float) -> dict[str, float]:
    """Return what parameters, data and both rose, over what effective compute rose.

    ln(x2 / x1) / (ln(N2 D2 / N1 D1) + g (t2 - t1)), with x = N, D and N D, and growth g per year of
    compute by algorithms. Empty where effective compute did not rise.
    """
    rose = {
        "parameters": np.log(second.parameters / first.parameters),
        "data": np.log(second.dataset_tokens / first.dataset_tokens),
    }
    rose["compute"] = rose["parameters"] + rose["data"]
    whole = rose["compute"] + growth * (second.year - first.year)
    if not (np.isfinite(whole) and whole > 0):
        return {}
    return {name: float(value / whole) for name, value in rose.items()}


def predicted_loss_rows(
    surface: Surface,
    systems: Sequence[System],
    key: Key,
    estimates: Mapping[str, float],
    draws: pl.DataFrame | None,
) -> list[dict[str, Any]]:
    """Rows of `predicted_loss`: loss of each system on the baseline in nats, with its interval.

    Parameters as for :func:`shapley_rows`.
    """
    known = list(systems)
    point, replicates = _thetas(surface, estimates, draws)
    loss = predicted_losses(surface, point, known)
    drawn = None if replicates is None else predicted_losses(surface, replicates, known)
    rows = []
    for s, system in enumerate(known):
        row: dict[str, Any] = {**key, "system": system.name, "loss": float(loss[0, s])}
        rows.append(row | (percentiles(drawn[:, s]).columns() if drawn is not None else {}))
    return rows
