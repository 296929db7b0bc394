# Controlled sweeps beside the record, and studies of other benchmarks.

# What is said of sweeps and studies, without the parts that are switched off and those only shown.
SWEEPS = SETTINGS["sweeps"] | dict(
    runs={name: one for name, one in SETTINGS["sweeps"]["runs"].items() if one["enabled"]}
)
STUDIES = {
    name: one.model_dump(mode="json", exclude={"enabled", "title", "published", "notes"})
    for name, one in CONFIG.enabled_studies.items()
}


rule sweeps:
    input:
        files=sorted(set(CONFIG.sweeps.files.values())),
        code=code("sweeps"),
    output:
        sweep_laws=table("sweep_laws"),
        sweep_frontiers=table("sweep_frontiers"),
        sweep_gains=table("sweep_gains"),
        sweep_totals=table("sweep_totals"),
    log:
        "logs/sweeps.log",
    benchmark:
        "logs/benchmarks/sweeps.tsv"
    threads: 1
    params:
        settings=SWEEPS,
        seed=CONFIG.seed,
    script:
        "../scripts/sweeps.py"


rule joint_fits:
    input:
        rows=f"data/processed/samples/{CONFIG.sweeps.record.sample}.parquet",
        laws="results/tables/sweep_laws.csv",
        files=sorted(set(CONFIG.sweeps.files.values())),
        code=code("joint_fits"),
    output:
        joint_fits=table("joint_fits"),
        sweep_conflict=table("sweep_conflict"),
        sweep_scale=table("sweep_scale"),
    log:
        "logs/joint_fits.log",
    benchmark:
        "logs/benchmarks/joint_fits.tsv"
    threads: 1
    params:
        settings=SWEEPS,
        variant=SETTINGS["variants"][CONFIG.sweeps.record.variant],
        benchmarks=MODEL_BENCHMARKS,
        systems=SETTINGS["shapley"]["systems"],
        seed=CONFIG.seed,
    script:
        "../scripts/joint_fits.py"


rule studies:
    input:
        files=sorted({study["file"] for study in STUDIES.values()}),
        code=code("studies"),
    output:
        study_growth=table("study_growth"),
        study_sets=table("study_sets"),
    log:
        "logs/studies.log",
    benchmark:
        "logs/benchmarks/studies.tsv"
    threads: 1
    params:
        studies=STUDIES,
        seed=CONFIG.seed,
    script:
        "../scripts/studies.py"
