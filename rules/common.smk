# What the rules share that is Snakemake's: the code of a script, a table of the report, the words
# of what went wrong. What runs and with which parameters is planned in algoprog.config.plan.
import atexit
import contextlib
import inspect
import json
import time

from snakemake.logging import logger

import algoprog
from algoprog.catalogue import TABLES, tables_of
from algoprog.config.code import code_of
from algoprog.config.plan.facts import sample_paths, table_paths
from algoprog.config.plan.leftovers import missing, of_results, of_samples
from algoprog.config.plan.results import TARGETS
from algoprog.common.compiled import remove_cut_short
from algoprog.common import stale
from algoprog.common.integrity import check_writable, damaged, vanished

PACKAGE = Path(algoprog.__file__).parent
STARTED = time.time()
# Tables that came with the project and may be used, by name.
SHIPPED = refuse_mistakes(PLAN.shipped.usable, Path(os.path.relpath(SOURCE)))


def of(planned):
    """What the plan says of a job, told those of its wildcards that it asks for."""
    asked = inspect.signature(planned).parameters
    return lambda wildcards: refuse_mistakes(
        planned, **{name: value for name, value in wildcards.items() if name in asked}
    )


def code(script):
    """The code that runs besides a script itself: the library's modules it imports, directly or
    through other modules, and job.py. Named as input, for Snakemake does not see imports.

    The paths are relative to the working directory and not workflow.source_path's: that copies a
    file to a new temporary name in every run, so that an edit taken back, or a fresh checkout of
    the same content, would run everything again; these are compared by content.
    """
    imported = refuse_mistakes(code_of, SOURCE / "scripts" / f"{script}.py", PACKAGE)
    return [os.path.relpath(path) for path in [SOURCE / "scripts/job.py", *imported]]


def assets():
    """What the report's package holds besides code: the page's templates, the figures' style."""
    files = [path for path in (PACKAGE / "report").rglob("*") if path.is_file()]
    kept = [path for path in files if path.suffix not in {".py", ".pyc", ".nbi", ".nbc"}]
    return [os.path.relpath(path) for path in sorted(kept)]


def table(name):
    """Result table `name`, never empty, with its place in `snakemake --report`."""
    declared = TABLES[name]
    return report(
        ensure(f"results/tables/{name}.csv", non_empty=True),
        caption=f"../workflow/report/{declared.group.name}.rst",
        category=declared.group.title,
        labels={"table": name, "one row per": declared.row},
    )


def look_when_a_job_ends():
    """Let Snakemake look for jobs to start when one has ended, and at no other time.

    For its limit of jobs a second it sets a timer at each look to look once more, so that every job
    that ends adds a look a second for the rest of the run (9.27): after fifty, a look at all that is
    ready takes a processor's whole time. On one machine jobs wait for a processor, not for a limit.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def stages(wildcards):
    """The stage of each rule: the file in rules/ that it stands in."""
    return {rule.name: Path(rule.snakefile).stem for rule in workflow.rules}


def failures():
    """What went wrong in this run's jobs, from their logs: a message for each, none twice."""
    messages = []
    for killed in sorted(Path("logs").rglob("*.killed")):
        if killed.stat().st_mtime >= STARTED:
            messages.append(
                f"{killed.with_suffix('')}: killed, by hand or for the memory or time it took; "
                "run again, with more of these if it happens again"
            )
    for log in sorted(Path("logs").rglob("*.log")):
        if log.stat().st_mtime < STARTED:
            continue
        text = log.read_text(encoding="utf-8").strip()
        if "InputError: " in text:
            # a job knows the place of an entry, but not in which file it stands
            messages.append(located(text[text.index("InputError: ") :]))
        elif "Traceback (most recent call last)" in text:
            messages.append(f"{text.splitlines()[-1]} (see {log})")
    return dict.fromkeys(messages)


def the_answer():
    """The answer of the main job in its two sentences, and where the report is."""
    said = json.loads(Path("results/headline.json").read_text(encoding="utf-8"))
    lines = [statement["answer"] for statement in said["statements"]]
    place = os.path.relpath("results/report.html", ROOT or None)
    return "\n".join(["", *lines, "", f"The report: {place}"])


def newer(path, other):
    """Whether a file is newer than another one, or that is not there."""
    files = Path(path), Path(other)
    if not files[0].exists():
        return False
    return not files[1].exists() or files[0].stat().st_mtime > files[1].stat().st_mtime


def what_moved():
    """The lines of what moved, also those of a run that failed before it could tell them.

    A run that had nothing to compare again has moved nothing.
    """
    if UNTOLD:
        return Path(CHANGE_LINES).read_text(encoding="utf-8").splitlines()
    if not Path(CHANGE_LINES).exists():
        return []
    return new_lines(CHANGE_LINES) or ["What moved: nothing since the last run."]


def new_lines(path):
    """The lines of a file that this run has written, none of one that was there before."""
    file = Path(path)
    there = file.exists() and file.stat().st_mtime >= STARTED
    return file.read_text(encoding="utf-8").splitlines() if there else []


def settle():
    """Let the terminal show what was said so far, for it is told by another thread than ours."""
    for handler in logger.handlers:
        waiting = getattr(handler, "queue", None)
        until = time.time() + 2
        while waiting is not None and not waiting.empty() and time.time() < until:
            time.sleep(0.05)


def left_behind():
    """The words for results that are there though the run ended without making them."""
    headline = Path("results/headline.txt")
    if not headline.exists():
        return []
    then = time.strftime("%Y-%m-%d %H:%M", time.localtime(headline.stat().st_mtime))
    return [f"results/ is still that of the run of {then}, not of this one (results/STALE.txt)."]


def mark_stale():
    """Say in results/ that a run has begun; the end of the main job takes it away."""
    if Path("results/headline.txt").exists():
        begun = time.strftime("%Y-%m-%d %H:%M", time.localtime(STARTED))
        said = (
            f"A run that began {begun} has not finished: what is here may be of the run before it, "
            "with another configuration or other data. Run `make` again.\n"
        )
        with contextlib.suppress(OSError):  # a full disk: the run itself says so
            stale.mark(Path("results"), said)


def only_studies():
    """Whether this run makes studies alone, which changes nothing else in results/."""
    targets = workflow.dag_settings.targets
    return bool(targets) and all(str(name).startswith("results/studies/") for name in targets)


def unmark_current():
    """Where the main job has found nothing to do: all that is here is current, and is the answer.

    A graph that is only drawn has no settings of an execution, and nothing is said of it.
    """
    dag = getattr(workflow, "dag", None)
    executed = getattr(workflow, "execution_settings", None) is not None
    if dag is not None and len(dag) == 0 and not workflow.dag_settings.targets:
        stale.unmark(Path("results"))
        if executed and Path("results/headline.json").exists():
            print("", *what_moved(), the_answer(), sep="\n")


def remove_damaged():
    """Remove what is not as its job has written it, for Snakemake would take it as it is."""
    if not workflow.is_main_process or any(Path(".snakemake/locks").glob("*")):
        return  # another run is writing
    mend = not workflow.output_settings.dryrun
    if mend:
        atexit.register(unmark_current)
        for path in remove_cut_short(PACKAGE):
            print(f"{path.name}: cut short; removed, and compiled again", file=sys.stderr)
        folders = ("results", "data/processed", "logs", ".snakemake")
        refuse_mistakes(check_writable, *map(Path, folders))
    for path in refuse_mistakes(damaged, mend):
        done = "removed" if mend else "will be removed"
        print(f"{path}: not as it was written; {done}, and made again if needed", file=sys.stderr)
