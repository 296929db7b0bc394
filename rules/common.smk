# The functions the rules share.
import functools
import hashlib
import json
import os
import time
from dataclasses import asdict

import algoprog
from algoprog.config.plan.bayes import check_ranking
from algoprog.config.code import code_of
from algoprog.config.plan.analyses import shard_bounds
from algoprog.config.sections.sources import source_files
from algoprog.common.integrity import check_writable, checksum, damaged
from algoprog.records.snapshots import POINTER, source_directory, warnings
from algoprog.catalogue import TABLES as DECLARED

PACKAGE = Path(algoprog.__file__).parent
STARTED = time.time()


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
            # a job cannot know that an entry stands in a file given by --configfile
            words = text[text.index("InputError: ") :]
            entry = r"^(InputError: |)config\.yaml(?=, )"
            messages.append(re.sub(entry, lambda m: m[1] + CONFIGURED_IN, words, flags=re.M))
        elif "Traceback (most recent call last)" in text:
            messages.append(f"{text.splitlines()[-1]} (see {log})")
    return dict.fromkeys(messages)


def remove_damaged():
    """Remove what is not as its job has written it, for Snakemake would take it as it is."""
    if not workflow.is_main_process or any(Path(".snakemake/locks").glob("*")):
        return  # another run is writing
    mend = not workflow.output_settings.dryrun
    if mend:
        refuse_mistakes(check_writable, Path("results"), Path("data/processed"))
    for path in refuse_mistakes(damaged, mend):
        done = "removed" if mend else "will be removed"
        print(f"{path}: not as it was written; {done}, and made again if needed", file=sys.stderr)


def source_paths(source):
    """The files a source is read from; of an address, the pointer to the snapshot in use."""
    if source in CONFIG.url_sources:
        return [str(source_directory(Path(), source) / POINTER)]
    return source_files(CONFIG.sources[source], Path())


def expected(source):
    """What is expected of a source, but for what to do if it is not there."""
    spec = SETTINGS["sources"][source]
    return dict(name=source, spec={key: spec[key] for key in spec if key != "on_failure"})


def policy(source):
    return CONFIG.policy(source).model_dump(mode="json")


def source_warnings():
    """What users of the snapshots in use must know, a line each."""
    lines = []
    for name in CONFIG.url_sources:
        place = source_directory(Path(), name)
        location = CONFIG.sources[name].location
        lines += warnings(name, place, location, CONFIG.policy(name))
    return lines


def table(name):
    """Result table `name`, never empty, with its place in `snakemake --report`."""
    declared = DECLARED[name]
    return report(
        ensure(f"results/tables/{name}.csv", non_empty=True),
        caption=f"../workflow/report/{declared.group.name}.rst",
        category=declared.group.title,
        labels={"table": name, "one row per": declared.row},
    )


def fits(table):
    """A file for each sample, estimator, batch and job's deltas, in the configuration's order."""
    return [
        f"results/fits/{name}/{estimator}/{batch}/{deltas}.{table}.parquet"
        for name, sample in CONFIG.enabled_samples.items()
        for estimator in sample.estimators
        for batch in CONFIG.batches
        for deltas in DELTA_JOBS
    ]


def batch_variants(batch):
    """Configuration of the variants of a batch by name."""
    return {name: SETTINGS["variants"][name] for name in CONFIG.batches[batch]}


def candidates(model):
    """Configuration of the variants a model may be, by name."""
    names = model["variants"] if "place" in model else [model["variant"]]
    return {name: SETTINGS["variants"][name] for name in names}


def draw_jobs(names):
    """The jobs that draw bootstrap analyses, each once."""
    job_of = {name: job for job, members in DRAW_JOBS.items() for name in members}
    return dict.fromkeys(job_of[name] for name in names)


def fit_files(names):
    return expand("results/draws/{job}.fit.parquet", job=draw_jobs(names))


def draw_files(names):
    return expand("results/draws/{job}.parquet", job=draw_jobs(names))


def samples(names):
    """The samples that bootstrap analyses are made on, in the order of the configuration."""
    used = {ANALYSES[name]["sample"] for name in names}
    return [name for name in CONFIG.samples if name in used]


def sample_files(names):
    return [f"data/processed/samples/{name}.parquet" for name in names]


def analysed(names):
    """Configuration of every variant that bootstrap analyses may be of."""
    return {
        variant: spec
        for name in names
        for variant, spec in candidates(ANALYSES[name]["model"]).items()
    }


def systems_of(names):
    """Configuration of systems, in the order given."""
    return {name: SETTINGS["shapley"]["systems"][name] for name in names}


def planning(names=CHECKS):
    """What single checks are planned from; for some of them, only what they depend on."""
    checks = {name: SENSITIVITY["checks"][name] for name in names if name != "headline"}
    used = {HEADLINE.variant} | {
        change["variant"]
        for settings in checks.values()
        for change in settings.values()
        if change.get("variant")
    }
    base = SETTINGS["samples"][HEADLINE.sample]
    return dict(
        sensitivity=dict(
            replicates=SENSITIVITY["replicates"],
            resampling=SENSITIVITY["resampling"],
            checks=checks,
        ),
        headline=dict(sample=HEADLINE.sample, variant=HEADLINE.variant, delta=HEADLINE.delta),
        samples={HEADLINE.sample: base},
        variants={name: SETTINGS["variants"][name] for name in sorted(used)},
        exclusions={name: CONDITIONS[name] for name in base["exclusions"]},
        benchmarks=MODEL_BENCHMARKS,
    )


@functools.cache
def multiverse_strata():
    """Specifications of the multiverse that are drawn again, by stratum; worked out if asked for."""
    every = specifications(MULTIVERSE["choices"], MULTIVERSE["base"])
    return strata(every, CONFIG.seed, CONFIG.multiverse.bootstrap.per_level)


def fitting(chosen):
    """What the fits of specifications of the multiverse depend on."""
    return dict(
        benchmarks=MODEL_BENCHMARKS,
        systems=systems_of(MULTIVERSE["systems"]),
        **needed(
            chosen,
            SETTINGS["samples"][CONFIG.multiverse.sample],
            CONDITIONS,
            SETTINGS["variants"],
        ),
    )


def fingerprint(target):
    """A digest of the settings that the tables of a target of its own rest on."""
    used = ["seed", "benchmarks", "sources", "corrections", "exclusions", "samples", "variants"]
    used += ["deltas", "headline", "bootstrap", "pools", "cross_validation", *EXTRAS[target]["of"]]
    settings = SETTINGS | dict(benchmarks=MODEL_BENCHMARKS, exclusions=CONDITIONS)
    text = json.dumps({name: settings[name] for name in used}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def finished():
    """Tables of the targets of their own that were made of these settings and records, with their
    checksums. They are no input of the report, which would make them part of the main job."""
    records = Path("data/processed/evaluations.parquet")
    found = {}
    for target, made in EXTRAS.items():
        stamp = Path(f"results/{target}/stamp.json")
        if not stamp.exists() or not records.exists():
            continue
        paths = {name: Path(f"results/tables/{name}.csv") for name in made["tables"]}
        said = json.loads(stamp.read_text(encoding="utf-8"))
        wanted = {"settings": fingerprint(target), "records": checksum(records)}
        if said == wanted and all(path.exists() for path in paths.values()):
            found |= {name: checksum(path) for name, path in paths.items()}
    return found


def stages(wildcards):
    """The stage of each rule: the file in rules/ that it stands in."""
    return {rule.name: Path(rule.snakefile).stem for rule in workflow.rules}


def drawn_together(wildcards):
    """The analyses of a job, by name."""
    return {name: ANALYSES[name] for name in DRAW_JOBS[wildcards.job]}


def replicates(wildcards):
    return ANALYSES[DRAW_JOBS[wildcards.job][0]]["replicates"]


def drawn_from(wildcards):
    """The sample of a job's analyses, and the table in which a model that is a place is found."""
    analyses = drawn_together(wildcards).values()
    (sample,) = {one["sample"] for one in analyses}
    found = {"rows": f"data/processed/samples/{sample}.parquet"}
    if any("place" in one["model"] for one in analyses):
        found["cross_validation"] = "results/tables/cross_validation.csv"
    return found


def resampled(one):
    """What is resampled for an analysis, and how."""
    return dict(
        variants=candidates(one["model"]),
        model=one["model"],
        change=one["change"],
        resampling=one["resampling"],
        response=one["response"],
        benchmarks=MODEL_BENCHMARKS,
    )


def draw_calls(wildcards, first, last):
    """What the draws of each analysis of a job are made of."""
    return {
        name: dict(
            **resampled(one),
            estimator=one["estimator"],
            sample_name=one["sample"],
            seed=CONFIG.seed,
            first=int(first),
            last=int(last),
        )
        for name, one in drawn_together(wildcards).items()
    }


def shards(wildcards, suffix):
    return [
        f"results/draws/{wildcards.job}/{first}-{last}.{suffix}"
        for first, last in shard_bounds(replicates(wildcards), CONFIG.bootstrap.shards)
    ]


def repetitions(name):
    noise = CONFIG.audit.noise
    return noise.pool_repetitions if name in REPEATED["pool"] else noise.repetitions


def noise_calls(wildcards):
    """What the repeated draws of each analysis of a job are made of."""
    return {
        name: dict(
            **resampled(one),
            replicates=one["replicates"],
            repetitions=repetitions(name),
            size=CONFIG.audit.noise.size,
        )
        for name, one in drawn_together(wildcards).items()
        if name in sum(REPEATED.values(), [])
    }


def bayes_call(fit, variants):
    """What the model of a fit is made of."""
    return dict(
        fit=fit,
        headline=HEADLINE.variant,
        variants=variants,
        scheme=CONFIG.bayes.variants.scheme,
        response=CONFIG.samples[HEADLINE.sample].response.converged,
        benchmarks=MODEL_BENCHMARKS,
        priors=SETTINGS["bayes"]["priors"],
    )


def bayes_candidates(fit):
    """Configuration of the variants a fit may be of, by name."""
    names = CONFIG.enabled_variants if fit["place"] else [HEADLINE.variant]
    return {name: SETTINGS["variants"][name] for name in names}


def bayes_ranking(wildcards):
    """The table a fit's variant is found in, where it is a place in a ranking."""
    ranked = BAYES_FITS[wildcards.fit]["place"]
    if ranked:
        refuse_mistakes(check_ranking, SETTINGS["bayes"], SCHEMES)
    return {"cross_validation": "results/tables/cross_validation.csv"} if ranked else {}


def bayes_sampler(fit):
    """The sampler's settings: the wider the priors, the longer the ridges, the more draws."""
    sampler = SETTINGS["bayes"]["sampler"]
    return sampler | dict(draws=round(sampler["draws"] * max(1, fit["width"])))


def bayes_posterior(wildcards):
    """What truths of a known doubling time are drawn from: the headline's posterior."""
    known = wildcards.kind == "known"
    return {"posterior": "results/bayes/fits/headline.draws.parquet"} if known else {}


def bayes_compared():
    """Bootstrap analyses of the variants of fits, by the fit's name."""
    found = {name: f"{CONFIG.headline.converged}.{name}" for name in BAYES_FITS}
    found = {name: analysis for name, analysis in found.items() if analysis in ANALYSES}
    return {"headline": CONFIG.headline.converged, **found}
