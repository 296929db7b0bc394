# What a reader opens: the headline, the configuration as used, the report.


rule headline_interval:
    input:
        rows=PLAN.draws.sample_paths([CONFIG.headline.converged]),
        analysis_fits=PLAN.draws.fit_paths([CONFIG.headline.converged]),
        doubling_times="results/tables/doubling_times.csv",
        confidence_sets="results/tables/confidence_sets.csv",
        code=code("headline_interval"),
    output:
        headline_interval=table("headline_interval"),
    log:
        "logs/headline_interval.log",
    benchmark:
        "logs/benchmarks/headline_interval.tsv"
    threads: 1
    params:
        call=PLAN.results.headline_interval,
        models=PLAN.results.headline_models,
    script:
        "../scripts/headline_interval.py"


rule headline:
    input:
        rows=sample_paths([PLAN.facts.headline.sample]),
        fits="results/tables/fits.csv",
        doubling_times="results/tables/doubling_times.csv",
        own_allocation="results/tables/own_allocation.csv",
        allocation_ratios="results/tables/allocation_ratios.csv",
        headline_interval="results/tables/headline_interval.csv",
        hold_out=PLAN.results.out_of_time_table,
        code=code("headline"),
    output:
        headline=ensure("results/headline.txt", non_empty=True),
        statements=ensure("results/headline.json", non_empty=True),
        headline_answers=table("headline_answers"),
        headline_variants=table("headline_variants"),
    log:
        "logs/headline.log",
    benchmark:
        "logs/benchmarks/headline.tsv"
    localrule: True
    threads: 1
    params:
        call=PLAN.results.headline,
    script:
        "../scripts/headline.py"


rule run_config:
    input:
        sources=PLAN.records.read,
        published=PLAN.audit.published,
        samples=sample_paths(PLAN.facts.samples),
        warnings="data/processed/warnings.txt",
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
        config=CONFIG.settings,
        warnings=WARNINGS,
    script:
        "../scripts/run_config.py"


# What a target of its own was made of, so that the report shows its tables only where they are of
# the settings and records at hand.
rule stamp:
    input:
        tables=of(PLAN.results.target_paths),
        records=of(PLAN.results.records_paths),
        code=code("stamp"),
    output:
        stamp="results/{target}/stamp.json",
    log:
        "logs/stamp/{target}.log",
    benchmark:
        "logs/benchmarks/stamp/{target}.tsv"
    wildcard_constraints:
        target="|".join(TARGETS),
    localrule: True
    threads: 1
    params:
        settings=of(PLAN.results.fingerprint),
    script:
        "../scripts/stamp.py"


rule figures:
    input:
        tables=table_paths(PLAN.results.all_tables),
        shipped=expand("results/shipped/{table}.csv", table=SHIPPED),
        rows=sample_paths(PLAN.facts.samples),
        analysis_fits=PLAN.draws.fit_paths(list(PLAN.facts.listed)),
        draws=PLAN.draws.paths(list(PLAN.facts.listed)),
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
        analyses=list(PLAN.facts.listed),
        extras=PLAN.results.finished(),
        settings=PLAN.results.report,
    script:
        "../scripts/figures.py"


rule report:
    input:
        headline="results/headline.json",
        run_config="results/run_config.yaml",
        # drawn once: the page has the files' drawings
        figures="results/figures",
        tables=table_paths(PLAN.results.all_tables),
        shipped=expand("results/shipped/{table}.csv", table=SHIPPED),
        rows=sample_paths(PLAN.facts.samples),
        analysis_fits=PLAN.draws.fit_paths(list(PLAN.facts.listed)),
        draws=PLAN.draws.paths(list(PLAN.facts.listed)),
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
        analyses=list(PLAN.facts.listed),
        extras=PLAN.results.finished(),
        stages=stages,
        settings=PLAN.results.report,
    script:
        "../scripts/report.py"
