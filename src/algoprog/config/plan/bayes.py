"""The Bayesian fits a configuration asks for, their chains, and their calibration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from algoprog.bayes.names import HEADLINE
from algoprog.common.errors import InputError
from algoprog.config.plan.analyses import shard_bounds
from algoprog.config.plan.draws import DrawsPlan
from algoprog.config.plan.facts import Facts, Plain, sample_paths

KINDS = ("prior", "known")  # of simulated data sets: true values from the prior, or one known


def planned(settings: Plain) -> dict[str, Plain]:
    """Return the fits by name, each with `place` (in the ranking, or 0), `change` and `width`.

    ``headline`` is the headline's variant; ``best-01`` ... the others in the order of their
    held-out errors; ``transformer-<form>`` and ``prior-<width>`` the headline's with a change.
    ``settings`` is the section `bayes`.
    """

    def fit(place: int = 0, change: Plain | None = None, width: float = 1.0) -> Plain:
        return {"place": place, "change": change, "width": width}

    fits = {HEADLINE: fit()}
    fits |= {f"best-{i:02d}": fit(i) for i in range(1, settings["variants"]["size"] + 1)}
    fits |= {
        f"transformer-{form}": fit(change={"transformer": form}) for form in settings["transformer"]
    }
    return fits | {f"prior-{width:g}": fit(width=width) for width in settings["prior_widths"]}


@dataclass(frozen=True)
class BayesPlan:
    """The fits by name, and what each job of one is told."""

    facts: Facts
    draws: DrawsPlan

    @cached_property
    def fits(self) -> dict[str, Plain]:
        """The fits by name."""
        return planned(self.facts.settings["bayes"])

    @property
    def sample(self) -> str:
        """The sample of all fits."""
        return self.facts.headline.sample

    @property
    def sample_paths(self) -> list[str]:
        """The file of that sample."""
        return sample_paths([self.sample])

    @property
    def compile(self) -> Plain:
        """What the compiling of the program is told."""
        return {"wanted": self.facts.config.bayes.engine}

    def program(self, part: str) -> str:
        """Return the file, in the package, of the program that a part's fits run."""
        return f"bayes/stan/{'loss' if part == 'bayes' else 'capability'}.stan"

    def paths(self, kind: str) -> list[str]:
        """Return the files of all fits: of a ``kind``, fit, draws or held_out."""
        return [f"results/bayes/fits/{fit}.{kind}.parquet" for fit in self.fits]

    @property
    def chain_paths(self) -> list[str]:
        """The files of a fit's chains, with the fit as wildcard."""
        chains = self.facts.config.bayes.sampler.chains
        return [f"results/bayes/chains/{{fit}}.{number}.parquet" for number in range(1, chains + 1)]

    def ranking(self, fit: str) -> dict[str, str]:
        """Return the table in which a fit's variant is found, where it is a place in a ranking.

        Raises
        ------
        InputError
            where models are not ranked by the scheme that is named.
        """
        if not self.fits[fit]["place"]:
            return {}
        scheme = self.facts.config.bayes.variants.scheme
        if scheme not in self.facts.schemes:
            raise InputError(
                "config.yaml",
                "bayes.variants.scheme",
                scheme,
                "name it in cross_validation.schemes and enable cross_validation, or set "
                "bayes.variants.size to 0",
            )
        return {"cross_validation": "results/tables/cross_validation.csv"}

    def model(self, fit: str) -> Plain:
        """Return what the model of a fit is made of."""
        headline = self.facts.headline
        place = self.fits[fit]["place"]
        names = list(self.facts.config.enabled_variants) if place else [headline.variant]
        return {
            "fit": self.fits[fit],
            "headline": headline.variant,
            "variants": self.facts.variants(names),
            "scheme": self.facts.config.bayes.variants.scheme,
            "response": self.facts.response(headline.sample),
            "benchmarks": self.facts.model_benchmarks,
            "priors": self.facts.settings["bayes"]["priors"],
        }

    def chain(self, fit: str, chain: str) -> Plain:
        """Return what a chain is told.

        The wider the priors, the longer the ridges of the posterior, and the more draws.
        """
        sampler = self.facts.settings["bayes"]["sampler"]
        draws = round(sampler["draws"] * max(1, self.fits[fit]["width"]))
        return {
            "sampler": sampler | {"draws": draws},
            "seed": self.facts.config.seed,
            "name": fit,
            "number": int(chain),
        }

    def fit(self, fit: str) -> Plain:
        """Return what the judging of a fit is told."""
        return {
            "sample": self.sample,
            "fit": self.fits[fit],
            "limits": self.facts.settings["bayes"]["diagnostics"],
            "max_depth": self.facts.config.bayes.sampler.max_depth,
        }

    @cached_property
    def compared(self) -> dict[str, str]:
        """Bootstrap analyses of the variants of fits, by the fit's name."""
        headline = self.facts.config.headline.converged
        of_fits = {name: f"{headline}.{name}" for name in self.fits}
        drawn = {name: one for name, one in of_fits.items() if one in self.draws.analyses}
        return {HEADLINE: headline, **drawn}

    @property
    def tables(self) -> Plain:
        """What the gathering of all fits is told."""
        return {
            "plan": self.fits,
            "variants": self.facts.fitted_variants,
            "response": self.facts.response(self.sample),
            "benchmarks": self.facts.model_benchmarks,
            "priors": self.facts.settings["bayes"]["priors"],
        }

    @property
    def quantities(self) -> Plain:
        """What the quantities of the fits are told."""
        config = self.facts.config
        return {
            "optimal_scaling": self.facts.settings["optimal_scaling"],
            "systems": self.facts.settings["shapley"]["systems"],
            "pair": self.facts.settings["sensitivity"]["systems"],
            "computes": config.transformer.computes,
            "year": config.transformer.year,
            "seed": config.seed,
            "replicates": config.bayes.predictive_draws,
        }

    @property
    def joint_chain_paths(self) -> list[str]:
        """The files of the chains of scores and capability in one model."""
        chains = self.facts.config.bayes.sampler.chains
        return [
            f"results/bayes_capability/chains/{number}.parquet" for number in range(1, chains + 1)
        ]

    def joint_chain(self, chain: str) -> Plain:
        """Return what a chain of scores and capability in one model is told.

        About one draw in twenty-five is independent, so there are twice as many as of other fits.
        """
        bayes = self.facts.settings["bayes"]
        sampler = bayes["sampler"] | {"draws": 2 * bayes["sampler"]["draws"]}
        return {
            "priors": bayes["capability"],
            "sampler": sampler,
            "seed": self.facts.config.seed,
            "number": int(chain),
        }

    @property
    def joint(self) -> Plain:
        """What the gathering of these chains is told."""
        bayes = self.facts.settings["bayes"]
        return {
            "priors": bayes["capability"],
            "limits": bayes["diagnostics"],
            "max_depth": bayes["sampler"]["max_depth"],
        }

    @property
    def calibration_paths(self) -> list[str]:
        """The files of the calibration's shards, of either kind."""
        settings = self.facts.config.bayes.calibration
        return [
            f"results/calibration/{kind}/{first}-{last}.parquet"
            for kind in KINDS
            for first, last in shard_bounds(settings.simulations, settings.shards)
        ]

    def posterior(self, kind: str) -> dict[str, str]:
        """Return what true values of a known doubling time are drawn from."""
        path = f"results/bayes/fits/{HEADLINE}.draws.parquet"
        return {"posterior": path} if kind == "known" else {}

    @property
    def known(self) -> Plain:
        """What data sets of a known doubling time are told."""
        return {"doubling_months": self.facts.config.bayes.calibration.doubling_months}

    def calibration_shard(self, kind: str, first: str, last: str) -> Plain:
        """Return what the data sets first to last (not included) of a kind are told."""
        bayes = self.facts.config.bayes
        return {
            "kind": kind,
            "sampler": {
                "warmup": bayes.calibration.warmup,
                "draws": bayes.calibration.draws,
                "target_acceptance": bayes.calibration.target_acceptance,
                "max_depth": bayes.sampler.max_depth,
            },
            "thin": bayes.calibration.thin,
            "seed": self.facts.config.seed,
            "first": int(first),
            "last": int(last),
        }

    @property
    def calibration(self) -> Plain:
        """What the judging of the calibration is told."""
        settings = self.facts.config.bayes.calibration
        return {"bins": settings.bins, "level": settings.level}
