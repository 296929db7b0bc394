# The configuration, checked before anything else is read, and as the rules need it.
import os
import re
import sys
from pathlib import Path

import yaml

from algoprog.catalogue import tables_of
from algoprog.config.analyses import (
    analyses,
    jobs,
    own,
    pooled,
    together,
    with_eras,
    with_transformer,
)
from algoprog.config.bayes import planned
from algoprog.config.document import (
    check_locations,
    check_yaml,
    in_order_of,
    laid_over,
    parse_config,
)
from algoprog.common.errors import InputError
from algoprog.common.numbers import format_delta
from algoprog.robustness.specifications import blocks, needed, specifications, strata


def refuse_mistakes(check, *arguments):
    """What `check` returns; a user's mistake ends Snakemake with its message and nothing else."""
    try:
        return check(*arguments)
    except InputError as error:
        sys.exit(f"{error}\nNothing was run.")


if not isinstance(workflow.current_basedir, os.PathLike):
    sys.exit(
        "algoprog runs from a directory: clone it, and give the path of its workflow/Snakefile as "
        "`snakefile` of the module (docs/deploy.md).\nNothing was run."
    )
SOURCE = Path(workflow.current_basedir).parent
MODULE = not workflow.modifier.is_main_snakefile()

for path in [] if MODULE else [Path("config.yaml"), *workflow.configfiles]:
    if path.exists():  # Snakemake has its own words for one that does not
        refuse_mistakes(check_yaml, path.read_bytes(), os.path.relpath(path))


configfile: "config.yaml"  # passed over in a module, whose `config` stands instead


CONFIGURED_IN = " + ".join(map(os.path.relpath, workflow.configfiles))
DEFAULTS = SOURCE / "config.yaml" if MODULE else Path("config.yaml")
if DEFAULTS.exists():
    defaults = yaml.safe_load(DEFAULTS.read_text(encoding="utf-8"))
    if MODULE:
        CONFIGURED_IN = f"config of module {__name__}"
        root = os.path.relpath(SOURCE)
        config = refuse_mistakes(laid_over, defaults, config, root, CONFIGURED_IN)
    config = in_order_of(config, defaults)
CONFIG = refuse_mistakes(parse_config, config, CONFIGURED_IN)
refuse_mistakes(check_locations, CONFIG, Path.cwd(), CONFIGURED_IN)

# Every section of the configuration as plain built-ins: only these are tracked as parameters.
SETTINGS = CONFIG.settings
BENCHMARKS = SETTINGS["benchmarks"]
# Without the labels, so that a new label refits nothing.
MODEL_BENCHMARKS = CONFIG.benchmarks.model_dump(
    mode="json", exclude={"definitions": {"__all__": {"label"}}}
)
CORRECTIONS = {
    name: one.model_dump(mode="json", exclude={"enabled"})
    for name, one in CONFIG.enabled_corrections.items()
}
# Likewise exclusions, without what is said of them.
CONDITIONS = {
    name: {"where": one["where"], "reason": name} for name, one in SETTINGS["exclusions"].items()
}
DELTAS = {format_delta(delta): delta for delta in CONFIG.deltas}
# Deltas by the job that fits them.
DELTA_JOBS = together(list(DELTAS), CONFIG.jobs.deltas)
# Bootstrap analyses by name, and which of them each quantity rests on.
ANALYSES = analyses(CONFIG)
OWN = list(own(CONFIG))
POOLS = {name: list(members) for name, members in pooled(CONFIG).items()}
TRANSFORMERS = list(with_transformer(CONFIG))
ERAS = list(with_eras(CONFIG))
SHAPLEY = [name for name in CONFIG.shapley.analyses if name in ANALYSES]
HEADLINES = list(dict.fromkeys([CONFIG.headline.converged, CONFIG.headline.published]))
# Analyses by the job that draws them.
DRAW_JOBS = jobs(CONFIG)
# Draws of variants as they are: the tables of parameters and of doubling times have them.
DRAWN = [*OWN, *(name for members in POOLS.values() for name in members)]

SCHEMES = CONFIG.cross_validation.schemes if CONFIG.cross_validation.enabled else []
# Analyses whose draws the audit repeats with moved starts, by what they are to it.
REPEATED = {}
if CONFIG.audit.enabled:
    theirs = CONFIG.headline.published
    REPEATED = {
        "published": [theirs],
        "transformer": [n for n in TRANSFORMERS if n == f"{theirs}.transformer-multiplier"],
        "pool": POOLS.get(CONFIG.audit.pools.published, []),
    }
# Single checks, the multiverse's blocks, what is profiled.
HEADLINE = CONFIG.enabled_analyses[CONFIG.headline.converged]
SENSITIVITY = SETTINGS["sensitivity"]
CHECKS = ["headline", *SENSITIVITY["checks"]] if SENSITIVITY["checks"] else []
CHECK_JOBS = together(CHECKS, CONFIG.jobs.checks)
MULTIVERSE = SETTINGS["multiverse"]
BLOCKS = refuse_mistakes(blocks, MULTIVERSE["choices"], MULTIVERSE["batches"])
PROFILED = [CONFIG.headline.converged, *POOLS.get(CONFIG.profiles.pool, [])]
# The analyses the audit looks numbers up in.
AUDITED = list(dict.fromkeys([*HEADLINES, *sum(REPEATED.values(), [])]))
# The Bayesian fits by name.
BAYES_FITS = planned(SETTINGS["bayes"])
# The result tables, each results/tables/<name>.csv, of the parts that this run has.
PARTS = dict(
    cross_validation=SCHEMES,
    pools=POOLS,
    shapley=SHAPLEY,
    transformer=TRANSFORMERS,
    era_split=ERAS,
    sensitivity=CHECKS,
)
TABLES = tables_of("", *[part for part, made in PARTS.items() if made])
AUDIT_TABLES = tables_of("audit") if CONFIG.audit.enabled else []
# Tables that have targets of their own: the report shows them once they are there. They are of
# these sections of the configuration.
SECTIONS = dict(
    multiverse=["multiverse", "shapley"],
    coverage=["coverage", "profiles"],
    bayes=["bayes", "optimal_scaling", "shapley", "sensitivity", "transformer"],
    calibration=["bayes", "coverage"],
)
EXTRAS = {target: dict(of=of, tables=tables_of(target)) for target, of in SECTIONS.items()}


wildcard_constraints:
    source="[A-Za-z0-9_-]+",
    sample="[A-Za-z0-9_-]+",
    estimator="published|converged",
    batch="[A-Za-z0-9_-]+",
    delta="|".join(map(re.escape, DELTAS)),
    deltas="|".join(map(re.escape, DELTA_JOBS)),
    job="[A-Za-z0-9_.-]+",
    scheme="published_split|rows|papers",
    checks="[A-Za-z0-9_-]+",
    block="[A-Za-z0-9_.-]+",
    stratum="[A-Za-z0-9_.-]+",
    variant="[A-Za-z0-9_-]+",
    cell="[A-Za-z0-9_-]+",
    fit="[A-Za-z0-9_.-]+",
    chain="[0-9]+",
