"""The Bayesian fits a configuration asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from algoprog.bayes.names import HEADLINE
from algoprog.common.errors import InputError


def planned(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The fits by name, each with `place` (in the ranking, or 0), `change` and `width`.

    ``headline`` is the headline's variant; ``best-01`` ... the others in the order of their
    held-out errors; ``transformer-<form>`` and ``prior-<width>`` the headline's with a change.
    ``settings`` is the section `bayes`.
    """

    def fit(
        place: int = 0, change: Mapping[str, Any] | None = None, width: float = 1.0
    ) -> dict[str, Any]:
        return {"place": place, "change": change, "width": width}

    fits = {HEADLINE: fit()}
    fits |= {f"best-{i:02d}": fit(i) for i in range(1, settings["variants"]["size"] + 1)}
    fits |= {
        f"transformer-{form}": fit(change={"transformer": form}) for form in settings["transformer"]
    }
    return fits | {f"prior-{width:g}": fit(width=width) for width in settings["prior_widths"]}


def check_ranking(settings: Mapping[str, Any], schemes: Collection[str]) -> None:
    """That models can be ranked by the scheme named in ``settings``, the section `bayes`.

    Raises
    ------
    InputError
        where it is none of ``schemes``, those that are cross-validated.
    """
    scheme = settings["variants"]["scheme"]
    if scheme not in schemes:
        raise InputError(
            "config.yaml",
            "bayes.variants.scheme",
            scheme,
            "name it in cross_validation.schemes and enable cross_validation, or set "
            "bayes.variants.size to 0",
        )
