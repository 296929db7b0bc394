# What a reader opens: the headline, the configuration as used, the report.


rule headline_interval:
    input:
        rows=sample_files([HEADLINE.sample]),
        doubling_times="results/tables/doubling_times.csv",
        code=code("headline_interval"),
    output:
        headline_interval=table("headline_interval"),
    log:
        "logs/headline_interval.log",
    benchmark:
        "logs/benchmarks/headline_interval.tsv"
    threads: 1
    params:
        call=dict(
            analysis=SETTINGS["bootstrap"]["analyses"][CONFIG.headline.converged],
            spec=SETTINGS["variants"][HEADLINE.variant],
            response=CONFIG.samples[HEADLINE.sample].response.converged,
            benchmarks=MODEL_BENCHMARKS,
            critical=SETTINGS["critical_losses"],
            months=SETTINGS["profiles"]["doubling_months"],
        ),
    script:
        "../scripts/headline_interval.py"


rule headline:
    input:
        doubling_times="results/tables/doubling_times.csv",
        headline_interval="results/tables/headline_interval.csv",
        code=code("headline"),
    output:
        headline=ensure("results/headline.txt", non_empty=True),
    log:
        "logs/headline.log",
    benchmark:
        "logs/benchmarks/headline.tsv"
    localrule: True
    threads: 1
    params:
        call=dict(
            headline=REPORTED["headline"],
            analyses=SETTINGS["bootstrap"]["analyses"],
            baseline=CONFIG.benchmarks.baseline,
        ),
    script:
        "../scripts/headline.py"


rule run_config:
    input:
        sources=lambda _: sum(map(source_paths, CONFIG.enabled_sources), []),
        published=[CONFIG.audit.published] if CONFIG.audit.enabled else [],
        samples=expand("data/processed/samples/{sample}.parquet", sample=CONFIG.enabled_samples),
        code=code("run_config"),
    output:
        run_config="results/run_config.yaml",
    log:
        "logs/run_config.log",
    benchmark:
        "logs/benchmarks/run_config.tsv"
    localrule: True
    threads: 1
    params:
        call=dict(config=SETTINGS, warnings=WARNINGS),
    script:
        "../scripts/run_config.py"


# What a target of its own was made of, so that the report shows its tables only where they are of
# the settings and records at hand.
rule stamp:
    input:
        tables=lambda wildcards: expand(
            "results/tables/{table}.csv", table=EXTRAS[wildcards.target]["tables"]
        ),
        records="data/processed/evaluations.parquet",
        code=code("stamp"),
    output:
        stamp="results/{target}/stamp.json",
    log:
        "logs/stamp/{target}.log",
    benchmark:
        "logs/benchmarks/stamp/{target}.tsv"
    wildcard_constraints:
        target="|".join(EXTRAS),
    localrule: True
    threads: 1
    params:
        settings=lambda wildcards: fingerprint(wildcards.target),
    script:
        "../scripts/stamp.py"


rule figures:
    input:
        tables=expand("results/tables/{table}.csv", table=[*TABLES, *AUDIT_TABLES]),
        rows=expand("data/processed/samples/{sample}.parquet", sample=CONFIG.enabled_samples),
        analysis_fits=fit_files(OWN),
        draws=draw_files(OWN),
        code=code("figures"),
        assets=assets(),
    output:
        figures=report(
            directory("results/figures"),
            patterns=["{figure}.svg"],
            caption="../workflow/report/figures.rst",
            category="Figures",
            labels={"figure": "{figure}", "as": "SVG"},
        ),
    log:
        "logs/figures.log",
    benchmark:
        "logs/benchmarks/figures.tsv"
    threads: 1
    params:
        analyses=OWN,
        extras=finished(),
        call=dict(config=REPORTED),
    script:
        "../scripts/figures.py"


rule report:
    input:
        headline="results/headline.txt",
        run_config="results/run_config.yaml",
        tables=expand("results/tables/{table}.csv", table=[*TABLES, *AUDIT_TABLES]),
        rows=expand("data/processed/samples/{sample}.parquet", sample=CONFIG.enabled_samples),
        analysis_fits=fit_files(OWN),
        draws=draw_files(OWN),
        code=code("report"),
        assets=assets(),
    output:
        report=ensure("results/report.html", non_empty=True),
    log:
        "logs/report.log",
    benchmark:
        "logs/benchmarks/report.tsv"
    threads: 1
    params:
        analyses=OWN,
        extras=finished(),
        stages=stages,
        call=dict(config=REPORTED),
    script:
        "../scripts/report.py"
