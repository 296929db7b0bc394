# One source each: its bytes (files of the project, or the snapshot of an address in use), then its
# records. workflow/refresh.smk alone downloads again.


rule download:
    input:
        code=code("download"),
    output:
        # kept as it was if the job fails
        pointer=update("data/raw/{source}/current.json"),
    log:
        "logs/download/{source}.log",
    benchmark:
        "logs/benchmarks/download/{source}.tsv"
    localrule: True
    threads: 1
    params:
        call=of(PLAN.records.expected),
        policy=of(PLAN.records.policy),
    script:
        "../scripts/download.py"


rule acquire:
    input:
        content=of(PLAN.records.paths),
        code=code("acquire"),
    output:
        records="data/processed/sources/{source}.parquet",
        warnings="data/processed/sources/{source}.warnings.parquet",
    log:
        "logs/acquire/{source}.log",
    benchmark:
        "logs/benchmarks/acquire/{source}.tsv"
    localrule: True
    threads: 1
    params:
        call=of(PLAN.records.acquire),
        policy=PLAN.records.reading_policy,
    script:
        "../scripts/acquire.py"
