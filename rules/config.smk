# The configuration, checked before anything else is read, and as the rules need it.
import os
import re
import sys
from pathlib import Path

from algoprog.catalogue import tables_of
from algoprog.config.document import check_locations, parse_config
from algoprog.config.loading import (
    Layer,
    check_yaml,
    merged,
    of_module,
    origin,
    read_defaults,
    read_layer,
    read_layers,
)
from algoprog.config.plan.analyses import (
    analyses,
    jobs,
    own,
    pooled,
    together,
    with_eras,
    with_transformer,
)
from algoprog.config.plan.bayes import planned
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


# All that is said, and by which file: our defaults, then the files of the working directory; in a
# module our files, then its `config`.
if MODULE:
    LAYERS = refuse_mistakes(read_layers, SOURCE)
    config = refuse_mistakes(of_module, LAYERS, os.path.relpath(SOURCE), config)
    LAYERS.append(Layer(f"config of module {__name__}", config))
    CONFIGURED_IN = LAYERS[-1].name
else:
    LAYERS = refuse_mistakes(read_defaults, SOURCE)
    LAYERS += [read_layer(Path(os.path.relpath(path))) for path in workflow.configfiles]
    CONFIGURED_IN = " + ".join(map(os.path.relpath, workflow.configfiles))
config = merged(*(layer.content for layer in LAYERS), config)


def configured_in(place):
    """The file that says what stands at a place of the configuration."""
    return origin(place, LAYERS, CONFIGURED_IN)


CONFIG = refuse_mistakes(parse_config, config, configured_in)
refuse_mistakes(check_locations, CONFIG, Path.cwd(), configured_in)

# Every section of the configuration as plain built-ins: only these are tracked as parameters.
SETTINGS = CONFIG.settings
# What the report reads: of the headline, the analyses it opens with.
REPORTED = SETTINGS | dict(
    headline={name: SETTINGS["headline"][name] for name in ("converged", "published")}
)
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
