# Controlled sweeps beside the record, and studies of other benchmarks.


rule sweeps:
    input:
        files=PLAN.experiments.sweep_files,
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
        settings=PLAN.experiments.sweeps,
        seed=CONFIG.seed,
    script:
        "../scripts/sweeps.py"


rule joint_fits:
    input:
        rows=sample_paths([PLAN.experiments.record_sample]),
        laws="results/tables/sweep_laws.csv",
        files=PLAN.experiments.sweep_files,
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
        settings=PLAN.experiments.sweeps,
        record=PLAN.experiments.record,
        systems=PLAN.facts.settings["shapley"]["systems"],
        seed=CONFIG.seed,
    script:
        "../scripts/joint_fits.py"


rule studies:
    input:
        files=PLAN.experiments.study_files,
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
        studies=PLAN.experiments.studies,
        seed=CONFIG.seed,
    script:
        "../scripts/studies.py"
