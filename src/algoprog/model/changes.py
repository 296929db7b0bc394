"""Variants with something added: the transformer's multiplier or factor, or eras of their own pace.

It knows formulas in configuration; it knows no data. What the changed variants are for is in
:mod:`algoprog.quantities.transformer` and :mod:`algoprog.quantities.eras`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from algoprog.common.errors import InputError

MULTIPLIER = "gamma_transformer"
FACTOR = "kappa_transformer"
FORMS = ("jump", "kink")
_TIME = re.compile(r"\bt\b")
# what formulaic hands to Python: {...} and calls such as log(...)
_PYTHON = re.compile(r"\{[^}]*\}|\w+\([^)]*\)")


def check_year_terms(spec: Mapping[str, Any]) -> None:
    """See that a variant has year terms, which are formulas with t, and that t can be replaced.

    Raises
    ------
    InputError
        for a variant without a year term, or with t inside braces or a function.
    """
    found = False
    for formulas in spec["exponentials"]:
        for parameter, formula in formulas.items():
            text = str(formula)
            if any(_TIME.search(part) for part in _PYTHON.findall(text)):
                raise InputError(
                    "config.yaml",
                    f"exponentials: {parameter}: {formula}",
                    "t inside braces or a function",
                    "for an era split write year terms such as -t or -t:(1+b)",
                )
            if _TIME.search(text):
                found = True
    if not found:
        raise InputError(
            "config.yaml", "exponentials", "no year term", "split the eras of a variant that has t"
        )


def extra_year_terms(spec: Mapping[str, Any], year: int, time: str) -> dict[str, Any]:
    """The variant with, beside each year term, another in which t is replaced by ``time``."""
    check_year_terms(spec)
    exponentials = []
    for formulas in spec["exponentials"]:
        split: dict[str, str | int] = {}
        for parameter, formula in formulas.items():
            split[parameter] = formula
            if _TIME.search(str(formula)):
                split[f"{parameter}_from_{year}"] = _TIME.sub(time, str(formula))
        exponentials.append(split)
    return {**spec, "exponentials": exponentials}


def with_era_split(spec: Mapping[str, Any], year: int, form: str = "jump") -> dict[str, Any]:
    """A variant whose year terms have an extra coefficient from ``year`` on.

    The parameter ``alpha_year`` keeps its name and its meaning, the pace before ``year``;
    ``alpha_year_from_2017`` is what is added to it. ``form`` is ``jump`` (published) or ``kink``.

    Raises
    ------
    InputError
        for a variant without a year term, or with t inside braces or a function.
    """
    if form not in FORMS:
        raise ValueError(f"form {form!r} is neither jump nor kink")
    time = f"{{t*(Y>={year})}}" if form == "jump" else f"{{(Y-{year})*(Y>={year})}}"
    return extra_year_terms(spec, year, time)


def with_transformer_multiplier(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A variant whose exponentials are multiplied by sigma(gamma_transformer) for transformers.

    That is its loss but for linear terms: an irreducible loss is no architecture's to reduce.

    Raises
    ------
    InputError
        for a variant that has a multiplier already.
    """
    if spec.get("multiplier"):
        raise InputError(
            "config.yaml", "multiplier", spec["multiplier"], "use a variant without a multiplier"
        )
    return {**spec, "multiplier": {MULTIPLIER: "T"}}


def with_transformer_factor(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A variant whose exponentials are multiplied by exp(-kappa_transformer) for transformers.

    The model of :func:`with_transformer_multiplier`, kappa = -ln sigma(gamma), under a penalty that
    favours no effect; kappa may also be negative.
    """
    return {**spec, "exponentials": [{**part, FACTOR: "-T"} for part in spec["exponentials"]]}


def changed(spec: Mapping[str, Any], change: Mapping[str, Any] | None) -> dict[str, Any]:
    """A variant with a change: ``{transformer: multiplier|factor}`` or ``{era, form}``."""
    if change is None:
        return dict(spec)
    if "transformer" in change:
        form = {"multiplier": with_transformer_multiplier, "factor": with_transformer_factor}
        return form[change["transformer"]](spec)
    return with_era_split(spec, change["era"], change["form"])
