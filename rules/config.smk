# The configuration, checked before anything else is read, and the plan that follows from it.
import os
import re
import sys
from pathlib import Path

from algoprog.common.errors import InputError
from algoprog.config.document import check_locations, parse_config
from algoprog.config.loading import (
    Layer,
    merged,
    moved,
    of_command_line,
    of_module,
    origin,
    read_defaults,
    read_layer,
    read_layers,
    run_file,
)
from algoprog.config.plan.plan import Plan
from algoprog.records.locations import ALLOW

# All that is said, and by which file; filled in below.
LAYERS = []
CONFIGURED_IN = "config.yaml"


def configured_in(place):
    """The file that says what stands at a place of the configuration."""
    return origin(place, LAYERS, CONFIGURED_IN)


def located(words):
    """The words of errors; an entry of the configuration with the file in which it stands."""
    entry = r"^(InputError: |)config\.yaml, ([\w.-]+)"
    return re.sub(entry, lambda m: f"{m[1]}{configured_in(m[2])}, {m[2]}", words, flags=re.M)


def refuse_mistakes(check, *arguments, **named):
    """What `check` returns; a user's mistake ends Snakemake with its message and nothing else."""
    try:
        return check(*arguments, **named)
    except InputError as error:
        sys.exit(f"{located(str(error))}\nNothing was run.")


if not isinstance(workflow.current_basedir, os.PathLike):
    sys.exit(
        "algoprog runs from a directory: clone it, and give the path of its workflow/Snakefile as "
        "`snakefile` of the module (docs/deploy.md).\nNothing was run."
    )
SOURCE = Path(workflow.current_basedir).parent
# Snakemake hands these to a shell as they are.
for place in (os.getcwd(), str(SOURCE), sys.executable):
    if re.search(r"""[\s'"&()$\\;<>|*?\[\]#`!{}]""", place):
        sys.exit(
            f"InputError: {place!r}: a path with blanks, quotes or signs that a shell reads; move the "
            "project to a folder without them\nNothing was run."
        )
# A terminal of few letters shows the others as escapes, and none is an error.
for stream in (sys.stdout, sys.stderr):
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
MODULE = not workflow.modifier.is_main_snakefile()

# `make RUN=mine` runs in the folder runs/mine of the project, with all that it makes and all that
# Snakemake knows of it; it reads the project's config.yaml and, laid over it, runs/mine.yaml.
RUN = None if MODULE else run_file(Path.cwd(), SOURCE)
ROOT = os.path.relpath(SOURCE) if RUN else ""
if RUN and not RUN.is_file():
    sys.exit(
        f"InputError: runs/{RUN.name}: no such file; write there what the run has other than "
        "config.yaml\nNothing was run."
    )
if not MODULE and not Path(ROOT, "config.yaml").is_file():
    sys.exit(
        f"InputError: {Path.cwd() / 'config.yaml'}: no such file; run where the project's config.yaml "
        "is, or copy it there (--directory)\nNothing was run."
    )
OWN = [Path(ROOT, "config.yaml"), *([RUN] if RUN else [])]
FILES = [] if MODULE else dict.fromkeys(map(os.path.relpath, [*OWN, *workflow.configfiles]))
# Read before Snakemake is told of config.yaml, for it would run a template. The files of
# --configfile are refused even earlier (src/snakemake_logger_plugin_algoprog).
GIVEN = [
    refuse_mistakes(read_layer, Path(path), os.path.relpath(path, ROOT or None)) for path in FILES
]


configfile: str(OWN[0])  # passed over in a module, whose `config` stands instead


# Our defaults, then the files of the working directory; in a module our files, then its `config`.
if MODULE:
    LAYERS = refuse_mistakes(read_layers, SOURCE)
    # What a module brings may be read where it lies, by its jobs too.
    allowed = [os.environ.get(ALLOW, ""), str((SOURCE / "data/raw").resolve())]
    os.environ[ALLOW] = os.pathsep.join(filter(None, allowed))
    config = refuse_mistakes(of_module, LAYERS, os.path.relpath(SOURCE), config)
    CONFIGURED_IN = f"config of module {__name__}"
    LAYERS.append(Layer(CONFIGURED_IN, config))
else:
    LAYERS = [*refuse_mistakes(read_defaults, SOURCE), *GIVEN]
    if RUN:  # their files lie in the project, which jobs in the run's folder may read
        LAYERS = [moved(layer, ROOT) for layer in LAYERS]
        allowed = [os.environ.get(ALLOW, ""), str(SOURCE.resolve())]
        os.environ[ALLOW] = os.pathsep.join(filter(None, allowed))
    LAYERS.append(of_command_line(workflow.config_settings.config or {}))
    CONFIGURED_IN = " + ".join(layer.name for layer in GIVEN)
config = merged(*(layer.content for layer in LAYERS))

CONFIG = refuse_mistakes(parse_config, config, configured_in)
refuse_mistakes(check_locations, CONFIG, Path.cwd(), configured_in)
config = CONFIG.settings  # with what is inherited, for the captions of `snakemake --report`
PLAN = Plan(CONFIG)


wildcard_constraints:
    source="[A-Za-z0-9_-]+",
    sample="[A-Za-z0-9_-]+",
    estimator="published|converged",
    batch="[A-Za-z0-9_-]+",
    deltas="|".join(map(re.escape, PLAN.fits.delta_jobs)),
    job="[A-Za-z0-9_.-]+",
    scheme="published_split|rows|papers",
    checks="[A-Za-z0-9_-]+",
    block="[A-Za-z0-9_.-]+",
    stratum="[A-Za-z0-9_.-]+",
    variant="[A-Za-z0-9_-]+",
    cell="[A-Za-z0-9_-]+",
    fit="[A-Za-z0-9_.-]+",
    chain="[0-9]+",
