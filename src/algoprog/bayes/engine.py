"""Where Stan is, and one chain of it: CmdStan through cmdstanpy, or httpstan through pystan.

Both run the same program on the same data from the same start with the same seed, and give the same
table of draws. It knows Stan's engines; it knows neither models nor what is made of the draws.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from algoprog.bayes.settings import Sampler
from algoprog.common.errors import InputError
from algoprog.common.rows import Plain

# The sampler's statistics, in the order of tables of draws.
SAMPLER_COLUMNS = (
    *("lp__", "accept_stat__", "stepsize__", "treedepth__", "n_leapfrog__", "divergent__"),
    "energy__",
)
Block = Plain  # of the program: data, or initial values, by name
PROJECT_FOLDER = ".cmdstan"


@dataclass(frozen=True)
class Engine:
    """An engine: ``cmdstan`` with its folder, or ``pystan``."""

    name: str
    version: str
    folder: str | None = None


def source(program: str) -> str:
    """Return the text of a Stan program of this package: ``loss`` or ``capability``."""
    return (files("algoprog.bayes") / "stan" / f"{program}.stan").read_text(encoding="utf-8")


def find_engine(wanted: str, project: Path, environment: Mapping[str, str], home: Path) -> Engine:
    """Return the engine to use: CmdStan where it is found, else pystan.

    CmdStan is looked for in $CMDSTAN, ``.cmdstan`` in the project and in the user's home, in this
    order; the latest of several versions counts. Its makefile is run, so no configuration names it.

    Raises
    ------
    InputError
        for a folder that was named and holds no CmdStan, or where there is no engine at all.
    """
    if wanted in ("auto", "cmdstan"):
        found = _cmdstan(project, environment, home)
        if found and find_spec("cmdstanpy"):
            return found
    if wanted in ("auto", "pystan") and find_spec("stan") and find_spec("httpstan"):
        if _compiler(environment):
            return Engine("pystan", f"{version('pystan')}, httpstan {version('httpstan')}")
        raise InputError(
            "this computer",
            "a C++ compiler",
            None,
            "pystan needs one: install g++ (or set CXX), or install CmdStan: make cmdstan",
        )
    pystan = (
        "run make bayes, which installs pystan where it has wheels (docs/install.md), or "
        "pip install 'algoprog[stan]'; "
    )
    raise InputError(
        "this computer",
        f"an engine of Stan (bayes.engine: {wanted})",
        None,
        f"{'' if wanted == 'cmdstan' else pystan}install CmdStan: make cmdstan, or set $CMDSTAN "
        "to its folder; all but the Bayesian part runs without",
    )


def _cmdstan(project: Path, environment: Mapping[str, str], home: Path) -> Engine | None:
    path = environment.get("CMDSTAN")
    if path:
        found = _at(Path(path))
        if found is None:
            fix = "name a folder that holds CmdStan's makefile"
            raise InputError("environment", "$CMDSTAN", path, fix)
        return found
    for base in (project / PROJECT_FOLDER, home / ".cmdstan"):
        installed = [found for path in sorted(base.glob("cmdstan*")) if (found := _at(path))]
        if installed:
            return max(installed, key=_numbers)
    return None


def _numbers(engine: Engine) -> list[int]:
    """A version's numbers, so that 2.10 is later than 2.9."""
    return [int(part) for part in re.findall(r"\d+", engine.version)]


def _at(path: Path) -> Engine | None:
    makefile = path / "makefile"
    if not makefile.is_file():
        return None
    stated = re.search(r"CMDSTAN_VERSION\s*:?=\s*(\S+)", makefile.read_text(encoding="utf-8"))
    return Engine("cmdstan", stated.group(1) if stated else "0", str(path.resolve()))


def _compiler(environment: Mapping[str, str]) -> str | None:
    stated = environment.get("CXX") or sysconfig.get_config_var("CXX") or "g++"
    return shutil.which(str(stated).split()[0]) or shutil.which("g++")


def stan_version() -> str | None:
    """Return the version of Stan in httpstan's wheel; None where there is no httpstan."""
    found = find_spec("httpstan")
    if found is None or not found.submodule_search_locations:
        return None
    header = Path(found.submodule_search_locations[0]) / "include" / "stan" / "version.hpp"
    stated = header.read_text(encoding="utf-8")
    return ".".join(re.findall(r"#define STAN_(?:MAJOR|MINOR|PATCH) (\d+)", stated))


def compile_program(engine: Engine, target: Path, program: str = "loss") -> None:
    """Compile a program into one file at ``target``."""
    if engine.name == "cmdstan":
        import cmdstanpy

        cmdstanpy.set_cmdstan_path(str(engine.folder))
        with tempfile.TemporaryDirectory() as directory:
            text = Path(directory) / f"{program}.stan"
            text.write_text(source(program), encoding="utf-8")
            model = cmdstanpy.CmdStanModel(stan_file=text)
            shutil.copy2(str(model.exe_file), target)
        return
    import asyncio

    with tempfile.TemporaryDirectory() as directory, _cache(Path(directory)), _patience():
        from httpstan.models import build_services_extension_module

        # setuptools leaves its object files in a folder `build` of the working directory
        with contextlib.chdir(directory):
            built = asyncio.run(build_services_extension_module(source(program)))
            print(built, file=sys.stderr)
        (library,) = Path(directory).rglob("*.so")
        shutil.copy2(library, target)


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Give httpstan's translator the time it needs: its own limit, a second, may be too little."""
    import httpstan.compile

    def run(*arguments: Any, timeout: float, **options: Any) -> Any:
        return subprocess.run(*arguments, **options)

    httpstan.compile.subprocess = types.SimpleNamespace(run=run)
    try:
        yield
    finally:
        httpstan.compile.subprocess = subprocess


@contextlib.contextmanager
def _cache(directory: Path) -> Iterator[None]:
    """Let httpstan keep models and fits in a directory, and not in the user's cache.

    It opens a socket for each fit among the temporary files, and leaves it: these are there too.
    """
    before, temporary = os.environ.get("XDG_CACHE_HOME"), tempfile.tempdir
    os.environ["XDG_CACHE_HOME"] = tempfile.tempdir = str(directory)
    try:
        yield
    finally:
        tempfile.tempdir = temporary
        if before is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = before


@functools.cache
def _process_cache() -> tempfile.TemporaryDirectory[str]:
    """Return the cache of this process, removed when it ends.

    All chains of a process share it: httpstan's workers, once started, look into their first.
    """
    return tempfile.TemporaryDirectory()


def _place(program: Program) -> None:
    """Put a compiled program where httpstan looks for it, and drop fits it would give again."""
    from httpstan.cache import model_directory
    from httpstan.models import calculate_model_name

    place = model_directory(calculate_model_name(source(program.name)))
    shutil.rmtree(place / "fits", ignore_errors=True)
    if not place.exists():
        place.mkdir(parents=True)
        (place / f"stan_services{sysconfig.get_config_var('EXT_SUFFIX')}").symlink_to(
            program.path.resolve()
        )
        for log in ("stderr.log", "stanc.log"):
            (place / log).touch()


@dataclass(frozen=True)
class Program:
    """A compiled program (:func:`compile_program`), the engine that compiled it, its name."""

    engine: Engine
    path: Path
    name: str = "loss"

    def sample(self, data: Block, init: Block, seed: int, sampler: Sampler) -> pl.DataFrame:
        """Return one chain: a row a draw, a column for each statistic and parameter.

        Columns of vectors are called ``theta.1``, ``theta.2``, ... in both engines.

        Parameters
        ----------
        data, init : of :mod:`algoprog.bayes.data`.
        seed : from 1 to 2^31 - 1.
        """
        run = _run_cmdstan if self.engine.name == "cmdstan" else _run_pystan
        return run(self, data, init, seed, sampler)


def _run_cmdstan(
    program: Program,
    data: Block,
    init: Block,
    seed: int,
    sampler: Sampler,
) -> pl.DataFrame:
    import cmdstanpy

    cmdstanpy.set_cmdstan_path(str(program.engine.folder))
    with tempfile.TemporaryDirectory() as directory:
        given = Path(directory) / "data.json", Path(directory) / "init.json"
        for path, values in zip(given, (data, init), strict=True):
            path.write_text(json.dumps(values), encoding="utf-8")
        model = cmdstanpy.CmdStanModel(exe_file=str(program.path.resolve()))
        fit = model.sample(
            data=str(given[0]), inits=str(given[1]), chains=1, chain_ids=1, seed=seed,
            iter_warmup=sampler.warmup, iter_sampling=sampler.draws,
            adapt_delta=sampler.target_acceptance, max_treedepth=sampler.max_depth,
            sig_figs=18, output_dir=directory, show_progress=False, show_console=False,
        )  # fmt: skip
        names, draws = fit.column_names, fit.draws()[:, 0, :]
    renamed = [re.sub(r"\[(\d+)\]$", r".\1", name) for name in names]
    return _ordered(pl.DataFrame(dict(zip(renamed, draws.T, strict=True))))


def _run_pystan(
    program: Program,
    data: Block,
    init: Block,
    seed: int,
    sampler: Sampler,
) -> pl.DataFrame:
    with _cache(Path(_process_cache().name)):
        import stan

        _place(program)
        posterior = stan.build(source(program.name), data=dict(data), random_seed=seed)
        fit = posterior.sample(
            num_chains=1, init=[dict(init)], num_warmup=sampler.warmup,
            num_samples=sampler.draws,
            delta=sampler.target_acceptance, max_depth=sampler.max_depth,
        )  # fmt: skip
    names = [*fit.sample_and_sampler_param_names, *fit.constrained_param_names]
    return _ordered(pl.DataFrame(dict(zip(names, fit._draws[:, :, 0], strict=True))))


def _ordered(draws: pl.DataFrame) -> pl.DataFrame:
    """The sampler's statistics in one order, then the parameters in the program's."""
    others = [name for name in draws.columns if name not in SAMPLER_COLUMNS]
    return draws.select(*SAMPLER_COLUMNS, *others).cast(pl.Float64)
