# All sources' records as one table of evaluations; the samples drawn from it; the database.


rule normalize:
    input:
        sources=expand("data/processed/sources/{source}.parquet", source=PLAN.records.sources),
        code=code("normalize"),
    output:
        evaluations="data/processed/evaluations.parquet",
        corrections="data/processed/corrections.parquet",
        superseded="data/processed/superseded.parquet",
        conflicts="data/processed/conflicts.parquet",
        duplicates="data/processed/duplicates.parquet",
        joined="data/processed/joined.parquet",
        suspected_repeats="data/processed/suspected_repeats.parquet",
        warnings="data/processed/record_warnings.parquet",
    log:
        "logs/normalize.log",
    benchmark:
        "logs/benchmarks/normalize.tsv"
    localrule: True
    threads: 1
    params:
        sources=PLAN.records.roles,
        call=PLAN.records.normalize,
        rules=PLAN.records.rules,
    script:
        "../scripts/normalize.py"


rule source_tables:
    input:
        joined="data/processed/joined.parquet",
        conflicts="data/processed/conflicts.parquet",
        duplicates="data/processed/duplicates.parquet",
        suspected_repeats="data/processed/suspected_repeats.parquet",
        code=code("source_tables"),
    output:
        joined=table("joined"),
        conflicts=table("conflicts"),
        duplicates=table("duplicates"),
        suspected_repeats=table("suspected_repeats"),
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
        warnings="data/processed/samples/{sample}.warnings.parquet",
    log:
        "logs/sample/{sample}.log",
    benchmark:
        "logs/benchmarks/sample/{sample}.tsv"
    localrule: True
    threads: 1
    params:
        call=of(PLAN.records.sample),
    script:
        "../scripts/sample.py"


# What users of the records and samples must know: the run ends with these lines, and the report
# shows them beside the headline.
rule record_warnings:
    input:
        sources=expand(
            "data/processed/sources/{source}.warnings.parquet", source=PLAN.records.sources
        ),
        records="data/processed/record_warnings.parquet",
        samples=sample_paths(PLAN.facts.samples, ".warnings"),
        code=code("record_warnings"),
    output:
        warnings="data/processed/warnings.parquet",
        lines="data/processed/warnings.txt",
        table=table("warnings"),
    log:
        "logs/record_warnings.log",
    benchmark:
        "logs/benchmarks/record_warnings.tsv"
    localrule: True
    threads: 1
    script:
        "../scripts/record_warnings.py"


# What each source added and what was left out and why: a run that reads records anew ends with it.
rule source_lines:
    input:
        evaluations="data/processed/evaluations.parquet",
        superseded="data/processed/superseded.parquet",
        suspected_repeats="data/processed/suspected_repeats.parquet",
        rows=sample_paths([PLAN.facts.headline.sample]),
        excluded=sample_paths([PLAN.facts.headline.sample], ".excluded"),
        code=code("source_lines"),
    output:
        lines="data/processed/sources.txt",
    log:
        "logs/source_lines.log",
    benchmark:
        "logs/benchmarks/source_lines.tsv"
    localrule: True
    threads: 1
    params:
        sources=PLAN.records.sources,
        sample=PLAN.facts.headline.sample,
    script:
        "../scripts/source_lines.py"


rule database:
    input:
        evaluations="data/processed/evaluations.parquet",
        corrections="data/processed/corrections.parquet",
        superseded="data/processed/superseded.parquet",
        conflicts="data/processed/conflicts.parquet",
        duplicates="data/processed/duplicates.parquet",
        joined="data/processed/joined.parquet",
        suspected_repeats="data/processed/suspected_repeats.parquet",
        warnings="data/processed/warnings.parquet",
        rows=sample_paths(PLAN.facts.samples),
        excluded=sample_paths(PLAN.facts.samples, ".excluded"),
        steps=sample_paths(PLAN.facts.samples, ".steps"),
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
        call=PLAN.records.database,
    script:
        "../scripts/database.py"
