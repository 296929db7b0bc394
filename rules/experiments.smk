# Controlled sweeps beside the record, and studies of other benchmarks.


rule sweeps:
    input:
        files=PLAN.experiments.sweep_files,
        code=code("sweeps"),
    output:
        sweep_laws=table("sweep_laws"),
        sweep_frontiers=table("sweep_frontiers"),
        sweep_checkpoints=table("sweep_checkpoints"),
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


# A study in a folder of its own; `make study-imagenet` makes one by itself.
rule study:
    input:
        file=of(PLAN.experiments.study_file),
        code=code("study"),
    output:
        answer="results/studies/{study}/answer.txt",
        study_growth="results/studies/{study}/study_growth.csv",
        study_sets="results/studies/{study}/study_sets.csv",
        study_systems="results/studies/{study}/study_systems.csv",
        figure="results/studies/{study}/study_scores.svg",
    log:
        "logs/study/{study}.log",
    benchmark:
        "logs/benchmarks/study/{study}.tsv"
    wildcard_constraints:
        study="[A-Za-z0-9_-]+",
    threads: 1
    params:
        title=of(PLAN.experiments.study_title),
        study=of(PLAN.experiments.study),
        seed=CONFIG.seed,
    script:
        "../scripts/study.py"


rule studies:
    input:
        study_growth=PLAN.experiments.study_tables("study_growth"),
        study_sets=PLAN.experiments.study_tables("study_sets"),
        study_systems=PLAN.experiments.study_tables("study_systems"),
        code=code("studies"),
    output:
        study_growth=table("study_growth"),
        study_sets=table("study_sets"),
        study_systems=table("study_systems"),
    log:
        "logs/studies.log",
    benchmark:
        "logs/benchmarks/studies.tsv"
    localrule: True
    threads: 1
    script:
        "../scripts/studies.py"
