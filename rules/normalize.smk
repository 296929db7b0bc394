# All sources' records as one table of evaluations; the samples drawn from it; the database.


rule normalize:
    input:
        sources=expand("data/processed/sources/{source}.parquet", source=CONFIG.enabled_sources),
        code=code("normalize"),
    output:
        evaluations="data/processed/evaluations.parquet",
        corrections="data/processed/corrections.parquet",
        superseded="data/processed/superseded.parquet",
        conflicts="data/processed/conflicts.parquet",
        duplicates="data/processed/duplicates.parquet",
        joined="data/processed/joined.parquet",
    log:
        "logs/normalize.log",
    benchmark:
        "logs/benchmarks/normalize.tsv"
    localrule: True
    threads: 1
    params:
        sources={
            name: {key: SETTINGS["sources"][name][key] for key in ("role", "join")}
            for name in CONFIG.enabled_sources
        },
        call=dict(
            corrections=CORRECTIONS,
            benchmarks=list(BENCHMARKS["definitions"]),
            precedence=CONFIG.record_sources,
        ),
    script:
        "../scripts/normalize.py"


rule source_tables:
    input:
        joined="data/processed/joined.parquet",
        conflicts="data/processed/conflicts.parquet",
        duplicates="data/processed/duplicates.parquet",
        code=code("source_tables"),
    output:
        joined=table("joined"),
        conflicts=table("conflicts"),
        duplicates=table("duplicates"),
    log:
        "logs/source_tables.log",
    benchmark:
        "logs/benchmarks/source_tables.tsv"
    localrule: True
    threads: 1
    script:
        "../scripts/source_tables.py"


rule sample:
    input:
        evaluations="data/processed/evaluations.parquet",
        code=code("sample"),
    output:
        rows="data/processed/samples/{sample}.parquet",
        excluded="data/processed/samples/{sample}.excluded.parquet",
        steps="data/processed/samples/{sample}.steps.parquet",
    log:
        "logs/sample/{sample}.log",
    benchmark:
        "logs/benchmarks/sample/{sample}.tsv"
    localrule: True
    threads: 1
    params:
        call=lambda wildcards: dict(
            name=wildcards.sample,
            spec=SETTINGS["samples"][wildcards.sample],
            exclusions={
                name: SETTINGS["exclusions"][name]
                for name in CONFIG.samples[wildcards.sample].exclusions
            },
            benchmarks=BENCHMARKS,
        ),
    script:
        "../scripts/sample.py"


rule database:
    input:
        evaluations="data/processed/evaluations.parquet",
        corrections="data/processed/corrections.parquet",
        superseded="data/processed/superseded.parquet",
        conflicts="data/processed/conflicts.parquet",
        duplicates="data/processed/duplicates.parquet",
        joined="data/processed/joined.parquet",
        rows=expand("data/processed/samples/{sample}.parquet", sample=CONFIG.enabled_samples),
        excluded=expand(
            "data/processed/samples/{sample}.excluded.parquet",
            sample=CONFIG.enabled_samples,
        ),
        steps=expand(
            "data/processed/samples/{sample}.steps.parquet",
            sample=CONFIG.enabled_samples,
        ),
        code=code("database"),
    output:
        database="data/processed/evaluations.duckdb",
    log:
        "logs/database.log",
    benchmark:
        "logs/benchmarks/database.tsv"
    localrule: True
    threads: 1
    params:
        call=dict(
            records=[
                *("evaluations", "superseded", "conflicts", "duplicates"),
                *("joined", "corrections"),
            ],
            samples=list(CONFIG.enabled_samples),
            sources={name: SETTINGS["sources"][name] for name in CONFIG.enabled_sources},
        ),
    script:
        "../scripts/database.py"
