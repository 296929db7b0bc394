# What is computed from fits and draws, and what was left out: the tables of the report.


rule exclusions:
    input:
        excluded=sample_paths(PLAN.facts.samples, ".excluded"),
        steps=sample_paths(PLAN.facts.samples, ".steps"),
        code=code("exclusions"),
    output:
        exclusions=table("exclusions"),
        sample_steps=table("sample_steps"),
    log:
        "logs/exclusions.log",
    benchmark:
        "logs/benchmarks/exclusions.tsv"
    localrule: True
    threads: 1
    params:
        samples=PLAN.facts.samples,
    script:
        "../scripts/exclusions.py"


rule doubling_times:
    input:
        fits="results/tables/fits.csv",
        parameters="results/tables/parameters.csv",
        rows=sample_paths(PLAN.facts.samples),
        analysis_fits=PLAN.draws.fit_paths(PLAN.draws.as_they_are),
        draws=PLAN.draws.paths(PLAN.draws.as_they_are),
        code=code("doubling_times"),
    output:
        doubling_times=table("doubling_times"),
        allocation_ratios=table("allocation_ratios"),
    log:
        "logs/doubling_times.log",
    benchmark:
        "logs/benchmarks/doubling_times.tsv"
    threads: 1
    params:
        analyses=PLAN.draws.as_they_are,
        samples=PLAN.facts.samples,
        call=PLAN.quantities.doubling_times,
    script:
        "../scripts/doubling_times.py"


rule own_allocation:
    input:
        fits="results/tables/fits.csv",
        parameters="results/tables/parameters.csv",
        rows=sample_paths(PLAN.facts.samples),
        analysis_fits=PLAN.draws.fit_paths(PLAN.draws.as_they_are),
        draws=PLAN.draws.paths(PLAN.draws.as_they_are),
        code=code("own_allocation"),
    output:
        own_allocation=table("own_allocation"),
        local_growth=table("local_growth"),
        growth_by_size=table("growth_by_size"),
    log:
        "logs/own_allocation.log",
    benchmark:
        "logs/benchmarks/own_allocation.tsv"
    threads: 1
    params:
        analyses=PLAN.draws.as_they_are,
        samples=PLAN.facts.samples,
        call=PLAN.quantities.own_allocation,
    script:
        "../scripts/own_allocation.py"


rule pooled_doubling_times:
    input:
        rows=PLAN.fits.held_out_rows,
        analysis_fits=PLAN.draws.fit_paths(PLAN.draws.pooled),
        draws=PLAN.draws.paths(PLAN.draws.pooled),
        code=code("pooled_doubling_times"),
    output:
        pooled_doubling_times=table("pooled_doubling_times"),
    log:
        "logs/pooled_doubling_times.log",
    benchmark:
        "logs/benchmarks/pooled_doubling_times.tsv"
    threads: 1
    params:
        members=PLAN.facts.pools,
        call=PLAN.quantities.pooled_doubling_times,
    script:
        "../scripts/pooled_doubling_times.py"


rule shapley:
    input:
        rows=PLAN.draws.sample_paths(PLAN.quantities.shapley_analyses),
        analysis_fits=PLAN.draws.fit_paths(PLAN.quantities.shapley_analyses),
        draws=PLAN.draws.paths(PLAN.quantities.shapley_analyses),
        code=code("shapley"),
    output:
        shapley=table("shapley"),
        predicted_loss=table("predicted_loss"),
    log:
        "logs/shapley.log",
    benchmark:
        "logs/benchmarks/shapley.tsv"
    threads: 1
    params:
        analyses=PLAN.quantities.shapley_analyses,
        samples=PLAN.draws.samples(PLAN.quantities.shapley_analyses),
        call=PLAN.quantities.shapley,
    script:
        "../scripts/shapley.py"


rule transformer:
    input:
        rows=PLAN.draws.sample_paths(PLAN.draws.transformers),
        analysis_fits=PLAN.draws.fit_paths(PLAN.draws.transformers),
        draws=PLAN.draws.paths(PLAN.draws.transformers),
        code=code("transformer"),
    output:
        transformer=table("transformer"),
    log:
        "logs/transformer.log",
    benchmark:
        "logs/benchmarks/transformer.tsv"
    threads: 1
    params:
        analyses=PLAN.draws.transformers,
        samples=PLAN.draws.samples(PLAN.draws.transformers),
        changes=PLAN.draws.changes(PLAN.draws.transformers),
        call=PLAN.quantities.transformer,
    script:
        "../scripts/transformer.py"


rule era_split:
    input:
        rows=PLAN.draws.sample_paths(PLAN.draws.eras),
        analysis_fits=PLAN.draws.fit_paths(PLAN.draws.eras),
        draws=PLAN.draws.paths(PLAN.draws.eras),
        code=code("era_split"),
    output:
        era_split=table("era_split"),
    log:
        "logs/era_split.log",
    benchmark:
        "logs/benchmarks/era_split.tsv"
    threads: 1
    params:
        analyses=PLAN.draws.eras,
        samples=PLAN.draws.samples(PLAN.draws.eras),
        changes=PLAN.draws.changes(PLAN.draws.eras),
        call=PLAN.quantities.era_split,
    script:
        "../scripts/era_split.py"


rule frontiers:
    input:
        rows=PLAN.draws.sample_paths(PLAN.quantities.headline),
        analysis_fits=PLAN.draws.fit_paths(PLAN.quantities.headline),
        draws=PLAN.draws.paths(PLAN.quantities.headline),
        code=code("frontiers"),
    output:
        frontiers=table("frontiers"),
    log:
        "logs/frontiers.log",
    benchmark:
        "logs/benchmarks/frontiers.tsv"
    localrule: True
    threads: 1
    params:
        analyses=PLAN.quantities.headline,
        samples=PLAN.draws.samples(PLAN.quantities.headline),
        call=PLAN.quantities.frontiers,
    script:
        "../scripts/frontiers.py"


rule effective_compute:
    input:
        rows=PLAN.draws.sample_paths(PLAN.facts.headlines),
        analysis_fits=PLAN.draws.fit_paths(PLAN.facts.headlines),
        draws=PLAN.draws.paths(PLAN.facts.headlines),
        code=code("effective_compute"),
    output:
        effective_compute=table("effective_compute"),
    log:
        "logs/effective_compute.log",
    benchmark:
        "logs/benchmarks/effective_compute.tsv"
    localrule: True
    threads: 1
    params:
        analyses=PLAN.facts.headlines,
        samples=PLAN.draws.samples(PLAN.facts.headlines),
        call=PLAN.quantities.effective_compute,
    script:
        "../scripts/effective_compute.py"


rule allocation:
    input:
        code=code("allocation"),
    output:
        allocation=table("allocation"),
    log:
        "logs/allocation.log",
    benchmark:
        "logs/benchmarks/allocation.tsv"
    localrule: True
    threads: 1
    params:
        call=PLAN.quantities.allocation,
    script:
        "../scripts/allocation.py"


rule direct_observation:
    input:
        rows=sample_paths([CONFIG.direct_observation.sample]),
        code=code("direct_observation"),
    output:
        direct_observation=table("direct_observation"),
        compute_reductions=table("compute_reductions"),
    log:
        "logs/direct_observation.log",
    benchmark:
        "logs/benchmarks/direct_observation.tsv"
    localrule: True
    threads: 1
    params:
        call=PLAN.quantities.direct_observation,
    script:
        "../scripts/direct_observation.py"


rule results_database:
    input:
        tables=table_paths(PLAN.results.all_tables),
        shipped=expand("results/shipped/{table}.csv", table=SHIPPED),
        code=code("results_database"),
    output:
        database="results/results.duckdb",
    log:
        "logs/results_database.log",
    benchmark:
        "logs/benchmarks/results_database.tsv"
    localrule: True
    threads: 1
    params:
        extras=PLAN.results.finished(),
    script:
        "../scripts/results_database.py"
